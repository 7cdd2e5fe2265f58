/**
 * GRUUs with SIPp as the device (RFC 5627): called at its public and its temporary one by SIPp, by
 * another phone and through Kamailio in front of us; its Contact in a call, while it moves; and
 * temporary ones that are over.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Call, Phone } from "carillon/node";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, type House, SERVER } from "./house.ts";
import { EDGE_AT, KamailioAt } from "./kamailio-outbound.ts";
import { caller } from "./outbound.ts";
import { demand, type Report } from "./report.ts";
import { SippRunner } from "./sipp.ts";
import { until } from "./until.ts";

const SCENARIOS = fileURLToPath(new URL("scenarios", import.meta.url));
const INSTANCE = "urn:uuid:00000000-0000-1000-8000-0000c0ffee00";
const [FIRST_PORT, SECOND_PORT] = [5181, 5182] as const;
const SOON_MS = 8000;
/** Of SIPp runs of this file among those of a folder. */
const RUNS = 70;

interface Gruus {
  readonly pub: string;
  readonly temp: string;
}

export async function gruuSipp(house: House, folder: string, report: Report): Promise<void> {
  const own = join(folder, "gruu-sipp");
  mkdirSync(own, { recursive: true });
  const [doras, eves] = await house.addDeskPhones(["Dora", "Eve"] as const);
  const device = new SippDevice(own, doras);
  const kamailio = await KamailioAt.edge(own, SERVER);
  const edge = `sip:${EDGE_AT.host}:${EDGE_AT.port};transport=tcp`;
  const eve = await caller(`sip:${eves.user}@${DOMAIN}`, eves.password, `sip:${SERVER}`);
  const before = await behindKamailio(eves, edge);
  const check = (name: string, run: () => Promise<string>): Promise<void> =>
    report.check(`GRUU of SIPp: ${name}`, run);
  let gruus: Gruus = { pub: "", temp: "" };
  try {
    await check("a device without flows of its own is told both", async () => {
      gruus = await device.registers({ callId: "one", seq: 1, port: FIRST_PORT });
      demand(gruus.pub === `sip:${doras.user}@${DOMAIN};gr=${INSTANCE}`, gruus.pub);
      demand(/^sip:tgruu\.[\w-]+@[^;]+;gr$/.test(gruus.temp), gruus.temp);
      demand(!gruus.temp.includes(doras.user), `it says whose it is: ${gruus.temp}`);
      return `${gruus.pub} and ${gruus.temp.length} octets of a temporary one`;
    });
    for (const [which, uri] of Object.entries(gruus)) {
      await check(`SIPp calls the ${which}-gruu`, () => device.isCalledBySipp(own, eves, uri));
      await check(`a phone of the library calls the ${which}-gruu`, () =>
        device.isCalledBy(eve, uri, gruus.pub),
      );
      await check(`a phone behind Kamailio calls the ${which}-gruu, which Kamailio forwards`, () =>
        device.isCalledBy(before, uri, gruus.pub),
      );
    }
    await check("the device moves in a call: re-INVITE and BYE to its GRUU find it", () =>
      device.movesInACall(eve, gruus),
    );
    await check("temporary ones are over when the device registers with another Call-ID", () =>
      over(device, eve, gruus),
    );
  } finally {
    await Promise.all([eve.close(), before.close()]);
    await kamailio.stop();
  }
}

/** Kamailio adds a Path, of which only a phone with an instance says that it knows it. */
async function behindKamailio({ user, password }: Credentials, edge: string): Promise<Phone> {
  const phone = await Phone.open({
    ...{ aor: `sip:${user}@${DOMAIN}`, password, servers: [edge], local: { host: "127.0.0.1" } },
    instance: "urn:uuid:00000000-0000-1000-8000-00000000e7e0",
  });
  await phone.register();
  return phone;
}

async function over(device: SippDevice, eve: Phone, { pub, temp }: Gruus): Promise<string> {
  const now = await device.registers({ callId: "two", seq: 1, port: SECOND_PORT });
  demand(now.pub === pub, `another public one: ${now.pub}`);
  const ended = await eve.call(temp).ended;
  demand(ended.status === 404, `the old one: ${ended.status}`);
  await device.isCalledBy(eve, now.temp, pub);
  await device.isCalledBy(eve, pub, pub);
  return "404 for the old one; the new one and the public one ring";
}

interface Registering {
  readonly callId: string;
  readonly seq: number;
  readonly port: number;
  /** The port of a contact that it takes back. */
  readonly gone?: number;
}

class SippDevice {
  readonly #folder: string;
  readonly #own: Credentials;
  #port: number = FIRST_PORT;
  #runs = 0;

  constructor(folder: string, own: Credentials) {
    this.#folder = folder;
    this.#own = own;
  }

  async registers({ callId, seq, port, gone }: Registering): Promise<Gruus> {
    const { user } = this.#own;
    const also = gone === undefined ? "" : `, <sip:${user}@127.0.0.1:${gone}>;expires=0`;
    this.#port = port;
    const keys = { first: `${seq}`, second: `${seq + 1}`, instance: INSTANCE, gone: also };
    const run = this.#start("gruu-register", keys, [SERVER, "-cid_str", `gruu-${callId}`]);
    await run.ends();
    const answer = run.said.split("SIP/2.0 200 OK").at(-1) ?? "";
    const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(answer)?.[1] ?? "";
    return { pub: of("pub-gruu"), temp: of("temp-gruu") };
  }

  /** SIPp calls, the device talks, the caller hangs up. */
  async isCalledBySipp(folder: string, eves: Credentials, uri: string): Promise<string> {
    const run = this.#start("call-callee", {});
    await run.listens(this.#port);
    const target = uri.slice("sip:".length);
    const side = { people: [eves], calls: 1, target, scenario: "call-caller" };
    await new SippRunner(folder, RUNS + this.#runs).ask(side);
    await run.ends();
    return this.#cameFor(run);
  }

  /** Somebody calls, the device talks, the caller hangs up. */
  async isCalledBy(phone: Phone, uri: string, gruu: string): Promise<string> {
    const run = this.#start("call-callee", { gruu });
    await run.listens(this.#port);
    const call = phone.call(uri);
    await call.answered;
    call.hangUp();
    await call.ended;
    await run.ends();
    return this.#cameFor(run);
  }

  /** Its Contact is its GRUU; then it registers at another port, and leaves the first one. */
  async movesInACall(phone: Phone, { pub }: Gruus): Promise<string> {
    const run = this.#start("gruu-callee", { gruu: pub });
    await run.listens(this.#port);
    const call: Call = phone.call(pub);
    await call.answered;
    await run.ends();
    demand(call.dialog?.remoteTarget === pub, `the Contact is ${call.dialog?.remoteTarget}`);
    await this.registers({ callId: "one", seq: 3, port: SECOND_PORT, gone: FIRST_PORT });
    const rest = this.#start("gruu-moved", { gruu: pub });
    await rest.listens(SECOND_PORT);
    await call.hold();
    call.hangUp();
    await call.ended;
    await rest.ends();
    return `from port ${FIRST_PORT} to ${SECOND_PORT}`;
  }

  /** The Request-URI is the contact, whatever was dialled. */
  #cameFor({ said }: SippRun): string {
    const uri = /^INVITE (\S+) SIP/m.exec(said)?.[1] ?? "";
    demand(uri === `sip:${this.#own.user}@127.0.0.1:${this.#port}`, `it came for ${uri}`);
    return `for ${uri}`;
  }

  #start(
    scenario: string,
    keys: Readonly<Record<string, string>>,
    more: readonly string[] = [],
  ): SippRun {
    const name = join(this.#folder, `device-${++this.#runs}-${scenario}`);
    return new SippRun({ name, scenario, keys, more, own: this.#own, port: this.#port });
  }
}

interface SippRunParts {
  readonly name: string;
  readonly scenario: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly more: readonly string[];
  readonly own: Credentials;
  readonly port: number;
}

/** One scenario, once. */
class SippRun {
  readonly #child: Child;
  readonly #messages: string;
  readonly #scenario: string;

  constructor({ name, scenario, keys, more, own: { user, password }, port }: SippRunParts) {
    this.#scenario = scenario;
    this.#messages = `${name}.messages`;
    const people = `${name}-people.csv`;
    const signs = `[authentication username=${user} password=${password}]`;
    writeFileSync(people, `SEQUENTIAL\n${user};${signs}\n`);
    const all = Object.entries({ domain: DOMAIN, ...keys });
    const args = [
      ...more,
      ...["-sf", join(SCENARIOS, `${scenario}.xml`), "-m", "1", "-inf", people],
      ...all.flatMap(([key, value]) => ["-key", key, value]),
      ...["-auth_uri", DOMAIN, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", `${port}`, "-t", "u1"],
      ...["-nostdin", "-skip_rlimit", "-ci", "127.0.0.1", "-cp", `${8980 + (port % 10)}`],
      ...["-trace_msg", "-message_file", this.#messages, "-timeout", "30s", "-timeout_error"],
    ];
    this.#child = new Child("sipp", args, { log: `${name}.log` });
  }

  /** Everything it sent and heard. */
  get said(): string {
    return existsSync(this.#messages) ? readFileSync(this.#messages, "latin1") : "";
  }

  async listens(port: number): Promise<void> {
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    const isBound = () => readFileSync("/proc/net/udp", "latin1").includes(`:${hex} `) || undefined;
    await until("SIPp listens", isBound, SOON_MS);
  }

  async ends(): Promise<void> {
    const code = await this.#child.ended(SOON_MS);
    demand(code === 0, `${this.#scenario} ended with ${code}: ${this.said.slice(-600)}`);
  }
}
