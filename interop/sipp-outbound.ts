/** SIPp as a device with two flows over TCP: a process for each, of one instance. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Phone } from "carillon/node";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, type House, SERVER } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const SCENARIOS = fileURLToPath(new URL("scenarios", import.meta.url));
const SOON_MS = 6000;
const STOP_MS = 1000;

export async function twoFlowsOfSipp(
  house: House,
  folder: string,
  ann: Phone,
  report: Report,
): Promise<void> {
  const cat = await house.addDeskPhone("Cat");
  const at = { folder, credentials: cat, domain: DOMAIN, server: SERVER };
  const flows = [new SippFlow({ ...at, regId: 1 }), new SippFlow({ ...at, regId: 2 })] as const;
  const uri = `sip:${cat.user}@${DOMAIN}`;
  await report.check(
    "SIPp with two flows at ours: 200 with Require: outbound to each",
    async () => {
      for (const flow of flows) await until("a flow is registered", () => flow.answer, SOON_MS);
      for (const { answer = "" } of flows) demand(/^Require: outbound/im.test(answer), answer);
      return `Flow-Timer ${/^Flow-Timer: (\d+)/im.exec(flows[0].answer ?? "")?.[1]}`;
    },
  );
  await report.check("SIPp with two flows at ours: a call comes once, and is talked through", () =>
    talksOnce(ann, uri, flows),
  );
  await report.check("SIPp with two flows at ours: one is killed, the other rings", async () => {
    const used = flows.find(({ invites }) => invites > 0);
    await used?.kill();
    return talksOnce(ann, uri, flows);
  });
  for (const flow of flows) await flow.kill();
}

/** One of the flows gets one INVITE, and the whole dialog with it. */
export async function talksOnce(
  ann: Phone,
  uri: string,
  flows: readonly SippFlow[],
): Promise<string> {
  const before = flows.map(({ invites, byes }) => [invites, byes]);
  const call = ann.call(uri);
  await call.answered;
  call.hangUp();
  await call.ended;
  const grown = () =>
    flows.map(({ invites, byes }, nth) => [
      invites - (before[nth]?.[0] ?? 0),
      byes - (before[nth]?.[1] ?? 0),
    ]);
  const ended = () => grown().some(([, byes]) => byes === 1) || undefined;
  await until("the BYE has come", ended, SOON_MS);
  const came = grown();
  const invites = came.map(([count]) => count);
  demand(invites.toSorted().join() === "0,1", `INVITEs over the flows: ${invites.join()}`);
  return `INVITEs over the flows: ${invites.join(" and ")}`;
}

export interface SippFlowOptions {
  readonly folder: string;
  /** Without a password: its registrar asks for none. */
  readonly credentials: Pick<Credentials, "user"> & Partial<Credentials>;
  readonly domain: string;
  /** Where it registers, `host:port`. */
  readonly server: string;
  readonly regId: number;
}

export class SippFlow {
  readonly #child: Child;
  readonly #messages: string;

  constructor({ folder, credentials, domain, server, regId }: SippFlowOptions) {
    const { user, password } = credentials;
    const scenario = password === undefined ? "edge-device.xml" : "outbound-device.xml";
    const name = join(folder, `sipp-flow-${regId}`);
    this.#messages = `${name}.messages`;
    const people = `${name}-people.csv`;
    const signs = `[authentication username=${user} password=${password}]`;
    writeFileSync(people, `SEQUENTIAL\n${user};${password === undefined ? "" : signs}\n`);
    const args = [
      ...[server, "-sf", join(SCENARIOS, scenario)],
      ...["-oocsf", join(SCENARIOS, "call-callee.xml"), "-m", "1", "-inf", people],
      ...["-key", "domain", domain, "-key", "regid", `${regId}`, "-auth_uri", domain],
      ...["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", `${5195 + regId}`, "-t", "t1"],
      ...["-nostdin", "-skip_rlimit", "-ci", "127.0.0.1", "-cp", `${8960 + regId}`],
      ...["-trace_msg", "-message_file", this.#messages, "-timeout", "60s"],
    ];
    this.#child = new Child("sipp", args, { log: `${name}.log`, cwd: folder });
  }

  /** To its REGISTER, with credentials where it has any. */
  get answer(): string | undefined {
    const accepted = this.#said.split("SIP/2.0 200 OK").slice(1);
    return accepted.find((text) => /CSeq: \d REGISTER/.test(text) && /Contact:/.test(text));
  }

  get invites(): number {
    return this.#count(/^INVITE sip:/gm);
  }

  get byes(): number {
    return this.#count(/^BYE sip:/gm);
  }

  async kill(): Promise<void> {
    await this.#child.stop(STOP_MS).catch(() => {});
  }

  #count(pattern: RegExp): number {
    return this.#said.match(pattern)?.length ?? 0;
  }

  get #said(): string {
    return existsSync(this.#messages) ? readFileSync(this.#messages, "latin1") : "";
  }
}
