/**
 * Outbound (RFC 5626) and Path (RFC 3327) with programs that were not written here: baresip with
 * two flows, SIPp as a device with two, Kamailio as the registrar behind our edges and as the edge
 * in front of us. Each flow over TCP runs through a wire that can be cut.
 */
import { join } from "node:path";
import { Phone } from "carillon/node";
import { Baresip } from "./baresip.ts";
import { DOMAIN, House, SERVER } from "./house.ts";
import { EDGE_AT, HOME, KamailioAt, REGISTRAR_AT } from "./kamailio-outbound.ts";
import { demand, type Report } from "./report.ts";
import { twoFlowsOfSipp } from "./sipp-outbound.ts";
import { until } from "./until.ts";
import { Wire } from "./wire.ts";

/** Where the wires begin, each to a server of its own. */
export const [WIRE_ONE, WIRE_TWO] = [
  { host: "127.0.0.1", port: 5191 },
  { host: "127.0.0.1", port: 5192 },
] as const;
const RINGS_MS = 5000;
const FLOW_GONE_MS = 3000;

export async function outbound(folder: string, report: Report): Promise<void> {
  await atOurs(join(folder, "outbound-ours"), report);
  await beforeKamailio(join(folder, "outbound-edges"), report);
  await behindKamailio(join(folder, "outbound-behind"), report);
}

/** Two flows straight to the house. */
async function atOurs(folder: string, report: Report): Promise<void> {
  const house = await House.start(folder);
  const [own, callers] = await house.addDeskPhones(["Bob", "Ann"] as const);
  const wires = [await Wire.to(WIRE_ONE, SERVER), await Wire.to(WIRE_TWO, SERVER)] as const;
  const bob = await twoFlows(folder, { ...own, domain: DOMAIN });
  const ann = await caller(`sip:ann@${DOMAIN}`, callers.password, `sip:${SERVER};transport=tcp`);
  const uri = `sip:bob@${DOMAIN}`;
  try {
    await report.check("baresip with two flows at ours: both are kept as one device", () =>
      registered(bob),
    );
    await report.check("baresip with two flows at ours: a call rings once", () =>
      ringsOnce(bob, ann, uri),
    );
    await report.check("baresip with two flows at ours: one is cut, the other rings", () =>
      ringsOverTheOther(bob, ann, uri, wires),
    );
    await twoFlowsOfSipp(house, folder, ann, report);
  } finally {
    await Promise.all([ann.close(), bob.quit()]);
    for (const wire of wires) wire.close();
    await stopped(house, report, "the house with two flows");
  }
}

/** Our program twice as an edge; the registrar is Kamailio with Path. */
async function beforeKamailio(folder: string, report: Report): Promise<void> {
  const kamailio = await KamailioAt.registrar(folder);
  const registrar = `sip:${REGISTRAR_AT.host}:${REGISTRAR_AT.port}`;
  const config = { edge: { domains: [HOME], registrar } };
  const house = await House.start(join(folder, "edge"), { config });
  const wires = [await Wire.to(WIRE_ONE, SERVER), await Wire.to(WIRE_TWO, SERVER)] as const;
  const bob = await twoFlows(folder, { user: "bob", password: "none", domain: HOME });
  const ann = await caller(`sip:ann@${HOME}`, "none", `${registrar};transport=tcp`);
  const uri = `sip:bob@${HOME}`;
  try {
    await report.check("our edge before Kamailio: two flows of baresip, by Path with tokens", () =>
      registered(bob),
    );
    await report.check("our edge before Kamailio: a call rings once", () =>
      ringsOnce(bob, ann, uri),
    );
    await report.check(
      "our edge before Kamailio: one flow is cut, 430, the other rings",
      async () => {
        const figure = await ringsOverTheOther(bob, ann, uri, wires);
        demand(
          house.lines.some((line) => line.includes('"status":430')),
          "our edge answered nothing with 430",
        );
        return figure;
      },
    );
  } finally {
    await Promise.all([ann.close(), bob.quit()]);
    for (const wire of wires) wire.close();
    await stopped(house, report, "our edge");
    await kamailio.stop();
  }
}

/** Kamailio with its outbound module is the edge, of one flow; the other comes straight. */
async function behindKamailio(folder: string, report: Report): Promise<void> {
  const kamailio = await KamailioAt.edge(folder, SERVER);
  const house = await House.start(join(folder, "registrar"));
  const [own, callers] = await house.addDeskPhones(["Bob", "Ann"] as const);
  const edge = `${EDGE_AT.host}:${EDGE_AT.port}`;
  const wires = [await Wire.to(WIRE_ONE, SERVER), await Wire.to(WIRE_TWO, edge)] as const;
  const bob = await twoFlows(folder, { ...own, domain: DOMAIN });
  const ann = await caller(`sip:ann@${DOMAIN}`, callers.password, `sip:${SERVER};transport=tcp`);
  const uri = `sip:bob@${DOMAIN}`;
  try {
    await report.check("ours behind Kamailio as an edge: a flow of either kind, Path kept", () =>
      registered(bob),
    );
    await report.check("ours behind Kamailio as an edge: a call rings once", () =>
      ringsOnce(bob, ann, uri),
    );
    await report.check("ours behind Kamailio as an edge: one is cut, the other rings", () =>
      ringsOverTheOther(bob, ann, uri, wires),
    );
  } finally {
    await Promise.all([ann.close(), bob.quit()]);
    for (const wire of wires) wire.close();
    await stopped(house, report, "the house behind Kamailio");
    await kamailio.stop();
  }
}

interface Account {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
}

/** A phone that answers nobody, with a flow over each of the wires. */
export async function twoFlows(
  folder: string,
  { domain, ...credentials }: Account,
): Promise<Baresip> {
  const servers = [WIRE_ONE, WIRE_TWO].map(({ host, port }) => `${host}:${port}`);
  const own = { ...{ credentials, folder, domain }, nth: 8, toneHz: 440, answers: false };
  return Baresip.start({ ...own, transport: "tcp", flows: servers });
}

export async function caller(aor: string, password: string, server: string): Promise<Phone> {
  const phone = await Phone.open({ aor, password, servers: [server], local: LOCAL });
  await phone.register();
  return phone;
}

const LOCAL = { host: "127.0.0.1" };

/** One of its 200s names both of its flows, by their numbers, and the same device. */
export async function registered(bob: Baresip): Promise<string> {
  // The two come by two ways, in any order.
  const both = () =>
    answersTo(bob).findLast((one) => one.includes("reg-id=1") && one.includes("reg-id=2"));
  const answer = await until("both flows are registered", both, RINGS_MS);
  const instances = [...answer.matchAll(/\+sip\.instance="<([^>]*)>"/g)].map(([, urn]) => urn);
  demand(new Set(instances).size === 1, `instances: ${instances.join()}`);
  demand(/^Require:.*outbound/im.test(answer), `no Require: outbound in ${answer}`);
  return `reg-id 1 and 2 of ${instances[0]}`;
}

/** Of its REGISTERs, as far as it printed them. */
function answersTo(bob: Baresip): readonly string[] {
  const answers = bob.log.split("SIP/2.0 200 ").filter((text) => /CSeq: \d+ REGISTER/.test(text));
  return answers.map((text) => text.split(/\r?\n\r?\n/)[0] ?? "");
}

/** Over connections nobody repeats one. */
const invites = (bob: Baresip): number => bob.log.match(/^INVITE sip:/gm)?.length ?? 0;

/** One INVITE comes, one phone rings, and the caller takes it back. */
export async function ringsOnce(bob: Baresip, ann: Phone, uri: string): Promise<string> {
  const [before, since] = [invites(bob), bob.events.length];
  const call = ann.call(uri);
  await bob.event("CALL_INCOMING", since, undefined, RINGS_MS);
  await until("it rings", () => call.state.name === "Ringing" || undefined, RINGS_MS);
  const came = invites(bob) - before;
  demand(came === 1, `${came} INVITEs came`);
  call.hangUp();
  await call.ended;
  await bob.event("CALL_CLOSED", since, undefined, RINGS_MS);
  return "one INVITE";
}

/** Whichever flow would ring is cut, for good. */
async function ringsOverTheOther(
  bob: Baresip,
  ann: Phone,
  uri: string,
  wires: readonly [Wire, Wire],
): Promise<string> {
  const used = wires.map(({ octets }) => octets);
  await ringsOnce(bob, ann, uri);
  const grown = wires.map(({ octets }, nth) => octets - (used[nth] ?? 0));
  const first = (grown[0] ?? 0) > (grown[1] ?? 0) ? 0 : 1;
  wires[first]?.cut();
  const startMs = performance.now();
  const figure = await ringsOnce(bob, ann, uri);
  const ms = performance.now() - startMs;
  demand(ms < FLOW_GONE_MS, `only after ${ms.toFixed(0)} ms`);
  return `flow ${first + 1} cut; ${figure} over the other`;
}

export async function stopped(house: House, report: Report, what: string): Promise<void> {
  await report.check(`${what} ran without a fault`, async () => {
    const code = await house.stop();
    const [fault] = house.faults;
    demand(fault === undefined, `in its log: ${fault}`);
    return `exit code ${code}`;
  });
}
