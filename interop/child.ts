/** A program that runs beside us: what it prints is kept in a file, and it ends when told to. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { until } from "./until.ts";

export interface Started {
  /** What it prints goes there. */
  readonly log: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** At which machine: the words that enter it. */
  readonly enter?: readonly string[];
}

const KILLED_MS = 5000;

const running = new Set<ChildProcess>();
process.on("exit", killChildren);

/** What a check that failed may have left behind. */
export function killChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

export class Child {
  readonly log: string;
  readonly #name: string;
  readonly #process: ChildProcess;
  #failure: Error | undefined;

  constructor(command: string, args: readonly string[], started: Started) {
    const { log, cwd, env, enter = [] } = started;
    const [program = command, ...words] = [...enter, command, ...args];
    const out = openSync(log, "a");
    this.log = log;
    this.#name = basename(command);
    const child = spawn(program, words, {
      stdio: ["ignore", out, out],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    });
    closeSync(out);
    this.#process = child;
    running.add(child);
    child.on("exit", () => running.delete(child));
    child.on("error", (error) => {
      running.delete(child);
      this.#failure = error;
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Everything it has printed until now. */
  get printed(): string {
    return readFileSync(this.log, "utf8");
  }

  get hasEnded(): boolean {
    if (this.#failure) throw this.#failure;
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Resolves to the exit code, -1 after a signal; what takes longer is killed and thrown about. */
  async ended(withinMs: number): Promise<number> {
    try {
      await until(`${this.#name} ends`, () => this.hasEnded || undefined, withinMs);
    } catch (error) {
      this.#process.kill("SIGKILL");
      throw error;
    }
    return this.#process.exitCode ?? -1;
  }

  /** Asks it to end, and makes it end. */
  async stop(withinMs: number): Promise<number> {
    if (!this.hasEnded) this.#process.kill("SIGTERM");
    return this.ended(withinMs);
  }

  /** With no time for last words. */
  async kill(): Promise<void> {
    if (!this.hasEnded) this.#process.kill("SIGKILL");
    await this.ended(KILLED_MS);
  }

  /** Resolves once it has printed this. */
  async prints(text: string, withinMs: number): Promise<void> {
    const said = (): true | undefined => {
      if (this.printed.includes(text)) return true;
      if (this.hasEnded) throw new Error(`${this.#name} ended without saying "${text}"`);
      return undefined;
    };
    await until(`${this.#name} prints "${text}"`, said, withinMs);
  }
}
