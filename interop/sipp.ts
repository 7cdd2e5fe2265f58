/** SIPp with a scenario from `scenarios`, and what it counted. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, SERVER } from "./house.ts";
import { demand } from "./report.ts";
import { until } from "./until.ts";

const SCENARIOS = fileURLToPath(new URL("scenarios", import.meta.url));
const READY_MS = 5000;
/** From a caller's end to its callee's: the last 200 may be on its way. */
const LAST_MS = 8000;
export const CALLEE_PORT = 5090;
const CALLER_PORT = 5080;

export interface Run {
  readonly scenario: string;
  /** What the requests ask for, and what their credentials are made for: a URI without `sip:`. */
  readonly target: string;
  readonly calls: number;
  readonly perSecond?: number;
  readonly port?: number;
  /** How long one call takes, where that is long. */
  readonly lastsMs?: number;
  /** Whom a transfer is to: a URI without `sip:`. */
  readonly referTo?: string;
  /** Who is asked, `host:port`; the house's server if left out. */
  readonly server?: string;
  /** Repeats are messages of the scenario; SIPp else answers them past it. */
  readonly countsRepeats?: boolean;
  /** Whom the calls are from, by turns. */
  readonly people: readonly Credentials[];
}

export interface Counted {
  readonly succeeded: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** The mean of the scenario's timer, in milliseconds. */
  readonly meanMs: number;
}

export class SippRunner {
  readonly #folder: string;
  #runs: number;

  /** `runs` have gone before in the same folder. */
  constructor(folder: string, runs = 0) {
    this.#folder = folder;
    this.#runs = runs;
  }

  /** One side alone: it asks, the server or the phone at `server` answers. */
  async ask(run: Run): Promise<Counted> {
    const sipp = this.#start({ port: CALLER_PORT, ...run }, [run.server ?? SERVER]);
    return this.#counted(sipp, run);
  }

  /** Two sides: `callee` waits where it is registered until `caller` has made its calls. */
  async call(caller: Run, calleeScenario: string): Promise<Counted & { readonly callee: Counted }> {
    const callee = { ...caller, scenario: calleeScenario, port: CALLEE_PORT };
    const waiting = this.#start(callee, []);
    await until("SIPp listens", () => isBound(CALLEE_PORT) || undefined, READY_MS);
    try {
      const counted = await this.ask(caller);
      return { ...counted, callee: await this.#counted(waiting, callee, LAST_MS) };
    } finally {
      // SIPp would finish its open calls after a SIGTERM; the caller has none any more.
      await waiting.child.stop(1000).catch(() => {});
    }
  }

  /** One side alone, which waits where it is registered until `act` has made somebody ask it. */
  async answer<T>(callee: Run, act: () => Promise<T>): Promise<Counted & { readonly result: T }> {
    const { port = CALLEE_PORT } = callee;
    const waiting = this.#start({ ...callee, port }, []);
    await until("SIPp listens", () => isBound(port) || undefined, READY_MS);
    try {
      const result = await act();
      return { ...(await this.#counted(waiting, callee, LAST_MS + (callee.lastsMs ?? 0))), result };
    } finally {
      await waiting.child.stop(1000).catch(() => {});
    }
  }

  #start(run: Run, target: readonly string[]): Started {
    const name = join(this.#folder, `sipp-${++this.#runs}-${run.scenario}`);
    const files = { log: `${name}.log`, statistics: `${name}.csv`, errors: `${name}.err` };
    const people = writePeople(`${name}-people.csv`, run.people);
    const child = new Child(
      "sipp",
      [
        ...target,
        ...["-sf", join(SCENARIOS, `${run.scenario}.xml`), "-m", `${run.calls}`],
        ...["-r", `${run.perSecond ?? 50}`, "-inf", people],
        ...["-key", "domain", DOMAIN, "-key", "target", run.target],
        ...(run.referTo === undefined ? [] : ["-key", "refer_to", run.referTo]),
        ...(run.countsRepeats ? ["-nr"] : []),
        // Else its credentials are for the address that it sends to, whatever it asks for.
        ...["-auth_uri", run.target],
        ...["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", `${run.port ?? CALLER_PORT}`],
        ...["-t", "u1", "-nostdin", "-skip_rlimit", "-buff_size", "1048576"],
        ...["-ci", "127.0.0.1", "-cp", `${8900 + (this.#runs % 50)}`],
        ...["-recv_timeout", "10000", "-timeout", `${seconds(run)}s`, "-timeout_error"],
        ...["-trace_stat", "-stf", files.statistics, "-fd", "1"],
        ...["-trace_err", "-error_file", files.errors],
      ],
      { log: files.log, cwd: this.#folder },
    );
    return { child, ...files };
  }

  async #counted(started: Started, run: Run, withinMs = 1000 * (seconds(run) + 5)) {
    const code = await started.child.ended(withinMs);
    const counted = readStatistics(started.statistics);
    const why = `${run.scenario}: ${counted.failed} of ${run.calls} failed, exit code ${code}`;
    demand(counted.failed === 0 && code === 0, `${why}. ${firstError(started.errors)}`);
    demand(counted.succeeded === run.calls, `${run.scenario}: ${counted.succeeded} succeeded`);
    return counted;
  }
}

interface Started {
  readonly child: Child;
  readonly statistics: string;
  readonly errors: string;
}

/** With time for the last call, and for a machine that has other things to do. */
const seconds = ({ calls, perSecond = 50, lastsMs = 0 }: Run): number =>
  Math.ceil(calls / perSecond + lastsMs / 1000) + 15;

function writePeople(path: string, people: readonly Credentials[]): string {
  const lines = people.map(
    ({ user, password }) => `${user};[authentication username=${user} password=${password}]`,
  );
  writeFileSync(path, `SEQUENTIAL\n${lines.join("\n")}\n`);
  return path;
}

/** SIPp's table: names in the first line, and the whole run in the last. */
function readStatistics(path: string): Counted {
  if (!existsSync(path)) return { succeeded: 0, failed: 0, retransmissions: 0, meanMs: 0 };
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const names = lines[0]?.split(";") ?? [];
  const values = lines.at(-1)?.split(";") ?? [];
  const value = (name: string): string => values[names.indexOf(name)] ?? "";
  return {
    succeeded: Number(value("SuccessfulCall(C)")),
    failed: Number(value("FailedCall(C)")),
    retransmissions: Number(value("Retransmissions(C)")),
    meanMs: toMs(value("ResponseTime1(C)")),
  };
}

/** `00:00:00:012345`: hours, minutes, seconds, microseconds. */
function toMs(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0, micros = 0] = text.split(":").map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + micros / 1000;
}

function firstError(path: string): string {
  if (!existsSync(path)) return "It says nothing about it.";
  const lines = readFileSync(path, "utf8").split("\n").slice(1);
  return `It says: ${lines.join(" ").replace(/\s+/g, " ").slice(0, 500)}`;
}

function isBound(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/udp", "latin1").includes(`:${hex} `);
}
