/** The real program in a folder of its own: started, stopped, started again on the same ports. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StoryLog } from "./story-log.ts";
import { until, untilSo } from "./until.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
// The namespace is ours alone, so these are free.
const PORT = 18_080;
const SIP_PORT = 15_060;
const START_MS = 20_000;
const STOP_MS = 5_000;

const NO_TLS = ["--tls-port", "off", "--https-port", "off"];

export class House {
  readonly #data: string;
  readonly #log: StoryLog;
  #child: ChildProcess | undefined;
  #printed = "";
  #said = "";

  /** What the program says on stderr is added to `log`. */
  constructor(data: string, log: StoryLog) {
    this.#data = data;
    this.#log = log;
  }

  get address(): string {
    return `http://localhost:${PORT}`;
  }

  /** The link the program printed at its last start. */
  get invite(): string {
    const link = /http:\/\/localhost:\d+\/join\/\S+/.exec(this.#printed)?.[0];
    if (link === undefined) throw new Error(`no invite link was printed: ${this.#printed}`);
    return link;
  }

  /** Resolves once the program has printed where it can be reached. */
  async start({
    host = "127.0.0.1",
    config,
  }: {
    readonly host?: string;
    readonly config?: string;
  } = {}): Promise<void> {
    this.#printed = "";
    this.#said = "";
    const decided = config === undefined ? [] : ["--config", config];
    const args = ["--data", this.#data, "--host", host, "--port", `${PORT}`, ...decided];
    const child = spawn(
      process.execPath,
      ["packages/server/src/main.ts", "serve", ...args, "--sip-port", `${SIP_PORT}`, ...NO_TLS],
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
      for (const line of text.trimEnd().split("\n")) this.#log.write("house", line);
    });
    const ready = (): true | undefined => {
      if (hasEnded(child))
        throw new Error(`the program ended at its start: ${this.#said.slice(-300)}`);
      return this.#printed.includes("Stop with Ctrl+C") ? true : undefined;
    };
    await until("the program prints its invite link", ready, { withinMs: START_MS });
  }

  /** As a power cut does it: nobody is told. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill("SIGKILL");
    await untilSo("the program is gone", () => hasEnded(child), { withinMs: STOP_MS });
  }

  /** As Ctrl+C does it. Resolves to the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return 0;
    this.#child = undefined;
    if (hasEnded(child)) throw new Error(`the program had ended by itself (${child.exitCode})`);
    child.kill("SIGINT");
    await untilSo("the program stops", () => hasEnded(child), { withinMs: STOP_MS }).finally(() =>
      child.kill("SIGKILL"),
    );
    return child.exitCode;
  }
}

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;
