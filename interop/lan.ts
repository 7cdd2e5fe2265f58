/**
 * Machines of a network at home: each is a network namespace of its own with one interface, and all
 * of them are plugged into a bridge. The namespace that the checks run in is plugged in, too.
 */
import { ip, Machine } from "./machine.ts";

const BRIDGE = "carillon-lan";

/** One machine; programs are started in it by putting `enter` before them. */
export interface LanHost {
  readonly address: string;
  readonly enter: readonly string[];
}

export interface LanOptions {
  /** IPv4 if left out. */
  readonly family?: "IPv4" | "IPv6";
}

export class Lan {
  readonly #folder: string;
  readonly #machines: Machine[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Of the namespace that the checks run in. */
  static readonly own = { IPv4: "192.168.77.10", IPv6: "fd77::10" };

  static make(folder: string): Lan {
    ip("link", "add", BRIDGE, "type", "bridge");
    ip("addr", "add", addressOf(0, "IPv4"), "dev", BRIDGE);
    ip("addr", "add", addressOf(0, "IPv6"), "dev", BRIDGE, "nodad");
    ip("link", "set", BRIDGE, "up");
    return new Lan(folder);
  }

  /** One more machine, which has nothing but loopback and its way to the others. */
  async plugIn({ family = "IPv4" }: LanOptions = {}): Promise<LanHost> {
    const nth = this.#machines.length + 1;
    const machine = await Machine.start(this.#folder, `machine-${nth}`);
    this.#machines.push(machine);
    const plug = `carillon-plug-${nth}`;
    ip("link", "add", plug, "type", "veth", "peer", "name", "eth0", "netns", `${machine.pid}`);
    ip("link", "set", plug, "master", BRIDGE, "up");
    const own = addressOf(nth, family);
    machine.ip("addr", "add", own, "dev", "eth0", ...(family === "IPv6" ? ["nodad"] : []));
    machine.ip("link", "set", "eth0", "up");
    return { address: own.split("/")[0] ?? "", enter: machine.enter };
  }

  async remove(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.stop()));
    ip("link", "del", BRIDGE);
  }
}

const addressOf = (nth: number, family: "IPv4" | "IPv6"): string =>
  family === "IPv4" ? `192.168.77.${10 + nth}/24` : `fd77::${10 + nth}/64`;
