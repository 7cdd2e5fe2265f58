/** The real program on a folder of its own: started, killed without warning, started again. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = "packages/server/src/main.ts";
const STOP_MS = 10_000;
/** Linux counts in hundredths of a second, on every machine that has Node. */
const TICK_MS = 10;

export const DOMAIN = "house.example";
/** The namespace is ours alone. */
export const SERVER = { host: "127.0.0.1", port: 5060 } as const;

const running = new Set<ChildProcess>();
process.on("exit", killPrograms);

/** What a check that failed has left behind, so that the next one has the ports. */
export function killPrograms(): void {
  for (const child of running) child.kill("SIGKILL");
}

export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    this.#ended = new Promise((ended) => {
      child.on("exit", () => {
        running.delete(child);
        ended();
      });
    });
  }

  /** Returns at once; whether it answers yet, the phones find out. */
  static start(folder: string, under: readonly string[] = []): Program {
    const at = ["--host", SERVER.host, "--sip-port", String(SERVER.port), "--port", "8080"];
    at.push("--tls-port", "off", "--https-port", "off");
    const own = [process.execPath, PROGRAM, "serve", ...optionsOf(folder), ...at];
    const [command = "", ...args] = [...under, ...own];
    const out = openSync(join(folder, "server.log"), "a");
    const env = { ...process.env, CARILLON_LOG: "error" };
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", out, out], env });
    closeSync(out);
    return new Program(child);
  }

  /** Makes the data folder without serving. */
  static async prepare(folder: string): Promise<void> {
    const args = [PROGRAM, "user", "list", ...optionsOf(folder)];
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  }

  /** Milliseconds that it has computed, on all its threads, since it was started. */
  get cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    // After the name, which may contain anything: state is field 3, utime and stime are 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }

  /** As a power switch would, but for what the operating system holds. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** As Ctrl+C does; the program itself, where it runs under another. */
  async stop(): Promise<void> {
    const pid = innermost(this.#child.pid ?? 0);
    process.kill(pid, "SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    await this.#ended;
    clearTimeout(late);
  }
}

const optionsOf = (folder: string) => ["--data", join(folder, "data"), "--domain", DOMAIN];

/** The child of a tracer; the process itself if it has none. */
function innermost(pid: number): number {
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [child] = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ");
    if (child) return Number(child);
  }
  return pid;
}
