/** Whether there is an address to listen at, and whether that is one of this machine. */
import { isIP } from "node:net";
import { isEverywhere, ownAddresses } from "../own-addresses.ts";
import { type Finding, fine, note, wrong } from "./finding.ts";
import { outsideAddresses, type Patient } from "./patient.ts";

const CHECK = "addresses";

export function examineAddresses(
  patient: Patient,
  own: readonly string[] = ownAddresses(),
): readonly Finding[] {
  const { settings } = patient;
  const { host } = settings;
  if (host !== undefined && !isEverywhere(host) && isIP(host) !== 0 && !own.includes(host)) {
    const others = own.filter((one) => one !== "::1" && !one.startsWith("127."));
    return [
      wrong(
        CHECK,
        `The server is to listen at ${host}, which is not an address of this machine.`,
        `Leave out --host, or give it one of these: ${[...others, "127.0.0.1"].join(", ")}.`,
      ),
    ];
  }
  const outside = outsideAddresses(patient);
  if (outside.length > 0) return [fine(CHECK, `This machine is reached at ${outside.join(", ")}.`)];
  return [
    wrong(
      CHECK,
      "Only this machine itself reaches the server: it listens at loopback and nowhere else.",
      host === undefined
        ? "Connect this machine to a network."
        : "Leave out --host; then it listens at all addresses.",
    ),
  ];
}

/** Whether the domain is a name that others can look up. */
export function examineDomain({ domain }: Pick<Patient, "domain">): readonly Finding[] {
  if (isIP(domain) !== 0) {
    return [note("domain", `Addresses here end in @${domain}, an address and no name.`, NAME)];
  }
  const isLocal = !domain.includes(".") || domain.endsWith(".local") || domain === "localhost";
  if (!isLocal) return [fine("domain", `Addresses here end in @${domain}.`)];
  return [
    note(
      "domain",
      `Addresses here end in @${domain}, a name that nobody outside of this network can look up.`,
      NAME,
    ),
  ];
}

const NAME =
  "That does for this network. For others take a domain of yours from the beginning: " +
  "npm start -- --domain example.com --data FOLDER (a house keeps its domain).";
