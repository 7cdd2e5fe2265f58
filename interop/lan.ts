/**
 * Machines of a network at home: each is a network namespace of its own with one interface, and all
 * of them are plugged into a bridge. The namespace that the checks run in is plugged in, too.
 */
import { execFileSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { until } from "./until.ts";

const BRIDGE = "carillon-lan";
/** A machine is there as long as something runs in it. */
const LIFE_SECONDS = 600;
const READY_MS = 3000;

/** One machine; programs are started in it by putting `enter` before them. */
export interface LanHost {
  readonly address: string;
  readonly enter: readonly string[];
}

export class Lan {
  readonly #folder: string;
  readonly #machines: Child[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static make(folder: string): Lan {
    ip("link", "add", BRIDGE, "type", "bridge");
    ip("addr", "add", addressOf(0), "dev", BRIDGE);
    ip("link", "set", BRIDGE, "up");
    return new Lan(folder);
  }

  /** One more machine, which has nothing but loopback and its way to the others. */
  async plugIn(): Promise<LanHost> {
    const nth = this.#machines.length + 1;
    const machine = new Child("unshare", ["--net", "sleep", `${LIFE_SECONDS}`], {
      log: join(this.#folder, `machine-${nth}.log`),
    });
    this.#machines.push(machine);
    const namespace = `/proc/${machine.pid}/ns/net`;
    const isApart = () => readlinkSync(namespace) !== readlinkSync("/proc/self/ns/net");
    await until("a machine has a network of its own", () => isApart() || undefined, READY_MS);
    const enter = ["nsenter", `--net=${namespace}`, "--"];
    const plug = `carillon-plug-${nth}`;
    ip("link", "add", plug, "type", "veth", "peer", "name", "eth0", "netns", `${machine.pid}`);
    ip("link", "set", plug, "master", BRIDGE, "up");
    for (const words of [
      ["link", "set", "lo", "up"],
      ["addr", "add", addressOf(nth), "dev", "eth0"],
      ["link", "set", "eth0", "up"],
    ]) {
      run([...enter, "ip", ...words]);
    }
    return { address: addressOf(nth).split("/")[0] ?? "", enter };
  }

  async remove(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.stop(READY_MS)));
    ip("link", "del", BRIDGE);
  }
}

const addressOf = (nth: number): string => `192.168.77.${10 + nth}/24`;

const ip = (...args: readonly string[]): void => run(["ip", ...args]);

function run([command = "", ...args]: readonly string[]): void {
  execFileSync(command, args, { stdio: "pipe" });
}
