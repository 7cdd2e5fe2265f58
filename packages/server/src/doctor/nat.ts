/** Whether a NAT is in front of this machine, and whether the house knows of it. */
import { isIPv4 } from "node:net";
import { askStun, type Seen } from "../addresses/stun-question.ts";
import { type Finding, fine, note, unknown, wrong } from "./finding.ts";
import { outsideAddresses, type Patient } from "./patient.ts";

const CHECK = "nat";

export async function examineNat(patient: Patient): Promise<readonly Finding[]> {
  const { stun } = patient;
  const own = outsideAddresses(patient).filter((one) => isIPv4(one));
  if (own.length === 0) return [];
  if (!stun) return [unknown(CHECK, "Nobody was asked how this machine is seen from outside.")];
  const seen = await askStun(stun, 4);
  return [judgeNat(patient, seen, `${stun.host}:${stun.port}`)];
}

export function judgeNat(patient: Patient, seen: Seen, server: string): Finding {
  const { config } = patient;
  const told = config.public?.find((one) => isIPv4(one));
  if (!seen.ok) {
    const words = `${server} was asked how this machine is seen from outside, but ${seen.why}.`;
    return unknown(
      CHECK,
      words,
      "UDP to other networks is blocked, or the server is gone: carillon doctor --stun HOST:PORT.",
    );
  }
  const { host } = seen.mapped;
  if (outsideAddresses(patient).includes(host)) {
    if (told === undefined || told === host) {
      return fine(CHECK, `No NAT: this machine is seen from outside at its own address, ${host}.`);
    }
    return otherAddress(told, host);
  }
  if (told === undefined && config.stun === undefined) {
    return wrong(
      CHECK,
      `This machine is behind a NAT: it is seen from outside at ${host}, and tells others ` +
        `${outsideAddresses(patient).join(", ")}. Calls from outside are silent or end.`,
      `Tell carillon.config.ts, and have the router pass on ${portsWords(patient)}.`,
      [`addresses: { public: ["${host}"] },`],
    );
  }
  if (told !== undefined && told !== host) return otherAddress(told, host);
  return note(
    CHECK,
    `This machine is behind a NAT, and tells others its address there, ${host}.`,
    `The router has to pass on ${portsWords(patient)}.`,
  );
}

const otherAddress = (told: string, host: string): Finding =>
  wrong(
    CHECK,
    `Others are told that this machine is at ${told}, but it is seen from outside at ${host}.`,
    "Correct carillon.config.ts, or have a STUN server say it each minute where it changes.",
    [`addresses: { public: ["${host}"] },`],
  );

/** Everything that has to come through. */
function portsWords({ ports, settings: { mediaPorts } }: Patient): string {
  const { sip, tls, http, https, turn, msrp } = ports;
  const tcp = [sip, tls, http, https, msrp].filter((one) => one !== undefined).join(", ");
  const relayed = turn === undefined ? "" : `, ${turn}, 49152-50175`;
  return `TCP ${tcp}; UDP ${sip}${relayed}, ${mediaPorts.from}-${mediaPorts.to}`;
}
