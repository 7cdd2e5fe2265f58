/** Another machine, as far as the network can tell: a network namespace with a process in it. */
import { execFileSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { until } from "./until.ts";

/** A machine is there as long as something runs in it. */
const LIFE_SECONDS = 600;
const READY_MS = 3000;

export class Machine {
  readonly pid: number;
  /** Programs are started in it by putting these words before them. */
  readonly enter: readonly string[];
  readonly #child: Child;

  private constructor(child: Child, namespace: string) {
    this.#child = child;
    this.pid = child.pid;
    this.enter = ["nsenter", `--net=${namespace}`, "--"];
  }

  /** With loopback, and nothing else. */
  static async start(folder: string, name: string): Promise<Machine> {
    const child = new Child("unshare", ["--net", "sleep", `${LIFE_SECONDS}`], {
      log: join(folder, `${name}.log`),
    });
    const namespace = `/proc/${child.pid}/ns/net`;
    const isApart = () => readlinkSync(namespace) !== readlinkSync("/proc/self/ns/net");
    await until("a machine has a network of its own", () => isApart() || undefined, READY_MS);
    const machine = new Machine(child, namespace);
    machine.ip("link", "set", "lo", "up");
    return machine;
  }

  /** `ip` in there. */
  ip(...words: readonly string[]): void {
    this.run("ip", ...words);
  }

  run(...words: readonly string[]): void {
    run([...this.enter, ...words]);
  }

  /** What stands in the file is given to the program, which runs in there. */
  feed(text: string, ...words: readonly string[]): void {
    const [command = "", ...args] = [...this.enter, ...words];
    execFileSync(command, args, { input: text, stdio: ["pipe", "pipe", "pipe"] });
  }

  /** Its interfaces end with it. */
  async stop(): Promise<void> {
    await this.#child.stop(READY_MS);
  }
}

/** `ip` where the checks run. */
export const ip = (...args: readonly string[]): void => run(["ip", ...args]);

function run([command = "", ...args]: readonly string[]): void {
  execFileSync(command, args, { stdio: "pipe" });
}
