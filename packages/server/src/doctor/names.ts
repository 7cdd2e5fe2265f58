/** What the DNS has to say of a domain, so that others find its server. RFC 3263. */
import { Resolver } from "node:dns/promises";
import { isIP, isIPv4 } from "node:net";
import { type Finding, fine, note, unknown, wrong } from "./finding.ts";
import { outsideAddresses, type Patient } from "./patient.ts";

const CHECK = "dns";
const WAIT_MS = 3000;
const TTL_SECONDS = 3600;

interface Service {
  readonly name: string;
  readonly port: number;
  readonly target: string;
}

/** What the DNS said: records, none, or that it cannot be asked. */
export type Said<Record> = readonly Record[] | "silent";

export interface SaidOfDomain {
  readonly addresses: Said<string>;
  readonly services: ReadonlyMap<string, Said<Pick<Service, "port" | "target">>>;
}

export async function examineNames(patient: Patient): Promise<readonly Finding[]> {
  const { domain, dns } = patient;
  if (isIP(domain) !== 0 || !domain.includes(".") || domain.endsWith(".local")) return [];
  const resolver = new Resolver({ timeout: WAIT_MS, tries: 2 });
  if (dns) resolver.setServers(dns);
  const services = new Map<string, Said<Pick<Service, "port" | "target">>>();
  for (const { name } of servicesOf(patient)) {
    const said = await asked(() => resolver.resolveSrv(name));
    const records = said === "silent" ? said : said.map((one) => ({ ...one, target: one.name }));
    services.set(name, records);
  }
  const addressesOf = async (name: string): Promise<Said<string>> => {
    const [v4, v6] = [
      await asked(() => resolver.resolve4(name)),
      await asked(() => resolver.resolve6(name)),
    ];
    if (v4 === "silent" && v6 === "silent") return "silent";
    return [v4, v6].flatMap((one) => (one === "silent" ? [] : one));
  };
  const findings = [...judgeNames(patient, { addresses: await addressesOf(domain), services })];
  for (const said of services.values()) {
    const [first] = said === "silent" ? [] : said;
    if (!first || first.target === domain) continue;
    const finding = judgeTarget(patient, first.target, await addressesOf(first.target));
    if (finding && !findings.some(({ words }) => words === finding.words)) findings.push(finding);
  }
  return findings;
}

/** Nothing of that name is an answer; nobody who answers is none. */
async function asked<Record>(ask: () => Promise<readonly Record[]>): Promise<Said<Record>> {
  try {
    return await ask();
  } catch (cause) {
    const { code } = cause as { code?: string };
    return code === "ENOTFOUND" || code === "ENODATA" ? [] : "silent";
  }
}

function servicesOf({ domain, ports }: Patient): readonly Service[] {
  const { sip, tls } = ports;
  return [
    { name: `_sip._udp.${domain}`, port: sip, target: domain },
    { name: `_sip._tcp.${domain}`, port: sip, target: domain },
    ...(tls === undefined ? [] : [{ name: `_sips._tcp.${domain}`, port: tls, target: domain }]),
  ];
}

export function judgeNames(patient: Patient, said: SaidOfDomain): readonly Finding[] {
  const { domain } = patient;
  const services = servicesOf(patient);
  const all = [said.addresses, ...said.services.values()];
  if (all.every((one) => one === "silent")) {
    return [
      unknown(
        CHECK,
        "The DNS does not answer.",
        'Name who does: dns: ["192.0.2.53"] in the config.',
      ),
    ];
  }
  const findings: Finding[] = [];
  const missing = services.filter(({ name }) => said.services.get(name)?.length === 0);
  const elsewhere = services.flatMap((service) => {
    const found = said.services.get(service.name);
    const other = found === "silent" ? undefined : found?.find(({ port }) => port !== service.port);
    return other ? [{ service, found: other }] : [];
  });
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(", ");
    findings.push(
      wrong(
        CHECK,
        `There is no SRV record ${names}: others do not find the ports of this server.`,
        `Put this into the zone of ${domain}:`,
        missing.map(line),
      ),
    );
  }
  for (const { service, found } of elsewhere) {
    findings.push(
      wrong(
        CHECK,
        `${service.name} leads to port ${found.port} of ${found.target}, but this server has ` +
          `${service.port}.`,
        "Correct the record:",
        [line(service)],
      ),
    );
  }
  findings.push(...hostFindings(patient, said));
  if (findings.length > 0) return findings;
  return [fine(CHECK, `${services.map(({ name }) => name).join(", ")} lead here.`)];
}

/** The name itself is needed where SRV leads to it, or is missing. */
function hostFindings(patient: Patient, said: SaidOfDomain): readonly Finding[] {
  const { domain } = patient;
  const targets = [...said.services.values()].flatMap((one) => (one === "silent" ? [] : one));
  const isNeeded = targets.length === 0 || targets.some(({ target }) => target === domain);
  if (!isNeeded || said.addresses === "silent") return [];
  const finding = judgeTarget(patient, domain, said.addresses);
  return finding ? [finding] : [];
}

/** Where somebody is led by that name; undefined where that is here. */
export function judgeTarget(
  patient: Patient,
  name: string,
  found: Said<string>,
): Finding | undefined {
  if (found === "silent") return undefined;
  const { config } = patient;
  const ours = [...(config.public ?? []), ...outsideAddresses(patient)];
  const told = ours.map((one) => `${name}. ${TTL_SECONDS} IN ${isIPv4(one) ? "A" : "AAAA"} ${one}`);
  if (found.length === 0) {
    return wrong(CHECK, `${name} has no address.`, "Put this into its zone:", told);
  }
  const others = found.filter((one) => !ours.includes(one));
  if (others.length === 0) return undefined;
  const words = `${name} leads to ${others.join(", ")}, and this server is at ${ours.join(", ")}.`;
  const isHidden = config.public === undefined && config.stun !== undefined;
  if (isHidden) return note(CHECK, words, "Right if a NAT with that address is in front of it.");
  return wrong(
    CHECK,
    words,
    "Correct the record, or, where a NAT has that address, say so in carillon.config.ts:",
    [...told, `addresses: { public: ["${others[0]}"] },`],
  );
}

const line = ({ name, port, target }: Service): string =>
  `${name}. ${TTL_SECONDS} IN SRV 10 100 ${port} ${target}.`;
