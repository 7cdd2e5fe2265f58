/**
 * Machines behind routers of their own, each a network namespace, and we are the Internet. Such a
 * router maps each pair of addresses and ports to a port of its own that nobody can guess (RFC 4787
 * calls it address and port-dependent mapping): a way that was found out with one machine leads to
 * no other.
 */
import { spawn } from "node:child_process";
import { Duplex, Readable, Writable } from "node:stream";
import { ip, Machine } from "./machine.ts";

const BRIDGE = "carillon-wan";

export interface NatHost {
  /** Its own, which nobody outside can reach. */
  readonly address: string;
  /** Of its router, to everybody outside. */
  readonly outside: string;
  readonly enter: readonly string[];
}

export interface Blocked {
  /** The ports that UDP may go to; all of them if left out. TCP goes everywhere. */
  readonly udpPorts?: readonly number[];
}

export class Nat {
  /** Ours, from RFC 5737's addresses for documents. */
  static readonly address = "198.51.100.1";
  readonly #folder: string;
  readonly #machines: Machine[] = [];
  #count = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static make(folder: string): Nat {
    ip("link", "add", BRIDGE, "type", "bridge");
    ip("addr", "add", `${Nat.address}/24`, "dev", BRIDGE);
    ip("link", "set", BRIDGE, "up");
    return new Nat(folder);
  }

  /** One more machine behind one more router. */
  async behind(blocked: Blocked = {}): Promise<NatHost> {
    const nth = ++this.#count;
    const router = await Machine.start(this.#folder, `router-${nth}`);
    const machine = await Machine.start(this.#folder, `behind-${nth}`);
    this.#machines.push(router, machine);
    const [inside, outside] = [`10.${nth}.0`, `198.51.100.${10 + nth}`];
    const plug = `carillon-wan-${nth}`;
    ip("link", "add", plug, "type", "veth", "peer", "name", "wan", "netns", `${router.pid}`);
    ip("link", "set", plug, "master", BRIDGE, "up");
    ip(
      ...["link", "add", "lan", "netns", `${router.pid}`, "type", "veth"],
      ...["peer", "name", "eth0", "netns", `${machine.pid}`],
    );
    router.ip("addr", "add", `${outside}/24`, "dev", "wan");
    router.ip("addr", "add", `${inside}.1/24`, "dev", "lan");
    for (const name of ["wan", "lan"]) router.ip("link", "set", name, "up");
    machine.ip("addr", "add", `${inside}.2/24`, "dev", "eth0");
    machine.ip("link", "set", "eth0", "up");
    machine.ip("route", "add", "default", "via", `${inside}.1`);
    router.feed("1", "tee", "/proc/sys/net/ipv4/ip_forward");
    router.feed(rules(blocked), "nft", "-f", "-");
    return { address: `${inside}.2`, outside, enter: machine.enter };
  }

  async remove(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.stop()));
    ip("link", "del", BRIDGE);
  }
}

const rules = ({ udpPorts }: Blocked): string => `
table ip carillon {
  chain out {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade fully-random
  }
  chain through {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" ${udpPorts ? `udp dport { ${udpPorts.join(", ")} }` : "meta l4proto udp"} accept
    iifname "lan" meta l4proto { tcp, icmp } accept
  }
}
`;

/** A connection to a program that listens in there, where nobody outside can reach it. */
export function socketInside({ enter }: NatHost, port: number, address: string): Duplex {
  const [command = "", ...args] = [...enter, process.execPath, "-e", PIPE, `${port}`, address];
  const { stdin, stdout } = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  return Duplex.from({ readable: Readable.toWeb(stdout), writable: Writable.toWeb(stdin) });
}

const PIPE = `
const [port, address] = process.argv.slice(1);
const socket = require("node:net").connect(Number(port), address);
process.stdin.pipe(socket).pipe(process.stdout);
`;
