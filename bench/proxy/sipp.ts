/** SIPp as it loads a server, and what it saw. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "../../interop/child.ts";
import { until } from "../../interop/until.ts";
import { DOMAIN, isBound } from "./server.ts";

const SCENARIOS = fileURLToPath(new URL("scenarios", import.meta.url));
export const CALLEE_PORT = 5090;
const CALLER_PORT = 5080;
/** Who is called where credentials are asked for. */
const CALLEE = "u1";

export interface Load {
  readonly scenario: string;
  readonly server: number;
  readonly perSecond: number;
  readonly count: number;
  /** So many at a time and no more, whatever the rate: as quick as the machine has time for it. */
  readonly atOnce?: number;
}

/** More than ever are there at a rate that the server keeps up with. */
const MANY = 20_000;
/** For how many times as long as its rate takes a load may last that goes by calls at a time. */
const SLOWEST = 30;

export interface Seen {
  readonly succeeded: number;
  readonly failed: number;
  /** Calls that are there now. */
  readonly current: number;
  readonly retransmissions: number;
  /** From INVITE to 200, or from REGISTER to 200, on average. */
  readonly meanMs: number;
}

export class Sipp {
  readonly #folder: string;
  readonly #people: string;
  #runs = 0;

  /** `tokens`: of everybody, where they are used. */
  constructor(folder: string, people: number, tokens: readonly string[] = []) {
    this.#folder = folder;
    this.#people = join(folder, "people.csv");
    const line = (_: unknown, i: number): string => {
      const credentials = `[authentication username=u${i} password=pu${i}]`;
      const callee = `u${(i + 1) % people}`;
      return `u${i};127.0.0.1:${CALLEE_PORT};${credentials};${callee};${tokens[i] ?? ""}`;
    };
    writeFileSync(this.#people, `SEQUENTIAL\n${Array.from({ length: people }, line).join("\n")}\n`);
  }

  /** Puts this load on a server; resolves when it is over. */
  async load(load: Load): Promise<Seen> {
    const { perSecond, count, atOnce } = load;
    const seconds = Math.ceil((count / perSecond) * (atOnce ? SLOWEST : 1)) + 12;
    const { child, statistics } = this.#start(load.scenario, CALLER_PORT, [
      `127.0.0.1:${load.server}`,
      ...["-m", `${count}`, "-r", `${perSecond}`, "-l", `${atOnce ?? MANY}`],
      ...["-timeout", `${seconds}s`],
      // SIPp signs all calls for one address, so that is the one they call.
      ...["-inf", this.#people, "-key", "callee", CALLEE, "-recv_timeout", "9000"],
      ...["-auth_uri", load.scenario === "call-digest" ? `${CALLEE}@${DOMAIN}` : DOMAIN],
    ]);
    await child.ended(1000 * (seconds + 10));
    return readStatistics(statistics);
  }

  /** Begins calls that stay until it is stopped; `up` says how many do. */
  keep(scenario: string, { server, perSecond, count }: Omit<Load, "scenario">) {
    const { child, statistics } = this.#start(scenario, CALLER_PORT, [
      `127.0.0.1:${server}`,
      ...["-m", `${count}`, "-r", `${perSecond}`, "-l", `${MANY}`],
      ...["-inf", this.#people, "-key", "callee", CALLEE, "-recv_timeout", "9000"],
    ]);
    // Whatever is not answered has failed after these nine seconds.
    return { child, up: (): number => readStatistics(statistics).current };
  }

  /** Somebody who answers all calls, or whatever the scenario says. */
  async callee(scenario = "callee"): Promise<Child> {
    const { child } = this.#start(scenario, CALLEE_PORT, ["-timeout", "1500s"]);
    await until("SIPp listens", () => isBound(CALLEE_PORT) || undefined, 5000);
    return child;
  }

  #start(scenario: string, port: number, more: readonly string[]) {
    const name = join(this.#folder, `${++this.#runs}-${scenario}`);
    const statistics = `${name}.csv`;
    const args = [
      ...more,
      ...["-sf", join(SCENARIOS, `${scenario}.xml`), "-key", "domain", DOMAIN],
      ...["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", `${port}`, "-t", "u1", "-nostdin"],
      ...["-skip_rlimit", "-buff_size", "4194304", "-rtcheck", "loose"],
      ...["-ci", "127.0.0.1", "-cp", `${8800 + (this.#runs % 90)}`],
      ...["-trace_stat", "-stf", statistics, "-fd", "1"],
    ];
    const child = new Child("taskset", ["-c", "1", "sipp", ...args], {
      log: `${name}.log`,
      cwd: this.#folder,
    });
    return { child, statistics };
  }
}

/** SIPp's table: names in the first line, and the whole run in the last. */
function readStatistics(path: string): Seen {
  const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  const names = lines[0]?.split(";") ?? [];
  const values = lines.at(-1)?.split(";") ?? [];
  const value = (name: string): string => values[names.indexOf(name)] ?? "";
  const [hours = 0, minutes = 0, seconds = 0, micros = 0] = value("ResponseTime1(C)")
    .split(":")
    .map(Number);
  return {
    succeeded: Number(value("SuccessfulCall(C)")),
    failed: Number(value("FailedCall(C)")),
    current: Number(value("CurrentCall")),
    retransmissions: Number(value("Retransmissions(C)")),
    meanMs: ((hours * 60 + minutes) * 60 + seconds) * 1000 + micros / 1000,
  };
}
