/**
 * A wire between this network namespace and that of another process, which loses packets: two tun
 * devices, and this program between them. Kernels need no netem for it.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, read, write } from "node:fs";
import koffi from "koffi";

/** Linux: `_IOW('T', 202, int)`, and a device of IP packets without a header. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN_NO_PI = 0x1001;
const PACKET_BYTES = 65_536;

export interface LossyLinkOptions {
  /** The process in the other namespace. */
  readonly pid: number;
  readonly here: string;
  readonly there: string;
  /** Of the packets each way, from 0 to 1. */
  readonly loss: number;
}

export class LossyLink {
  readonly #pid: number;
  readonly #here: string;
  readonly #ends: readonly [number, number];
  #there: string;
  #loss: number;
  #isOpen = true;
  /** Packets that came, and those of them that were lost. */
  count = { packets: 0, lost: 0 };

  constructor({ pid, here, there, loss }: LossyLinkOptions) {
    this.#pid = pid;
    this.#here = here;
    this.#there = there;
    this.#loss = loss;
    const [one, other] = [tun("lossy-here"), tun("lossy-there")];
    this.#ends = [one, other];
    ip("link", "set", "lossy-there", "netns", `${pid}`);
    ip("addr", "add", `${here}/32`, "peer", there, "dev", "lossy-here");
    ip("link", "set", "lossy-here", "up");
    this.#inside("addr", "add", `${there}/32`, "peer", here, "dev", "lossy-there");
    this.#inside("link", "set", "lossy-there", "up");
    this.#carry(one, other);
    this.#carry(other, one);
  }

  /** From now on, counted from nothing. */
  lose(loss: number): void {
    this.#loss = loss;
    this.count = { packets: 0, lost: 0 };
  }

  /** The other side has another address from now on, and nothing reaches it at the one before. */
  move(there: string): void {
    this.#inside("addr", "del", `${this.#there}/32`, "peer", this.#here, "dev", "lossy-there");
    this.#inside("addr", "add", `${there}/32`, "peer", this.#here, "dev", "lossy-there");
    ip("addr", "del", `${this.#here}/32`, "peer", this.#there, "dev", "lossy-here");
    ip("addr", "add", `${this.#here}/32`, "peer", there, "dev", "lossy-here");
    this.#there = there;
  }

  close(): void {
    this.#isOpen = false;
    // Both ends of the wire; whoever waits for a packet is told.
    for (const end of ["lossy-here", "lossy-there"]) this.#unplug(end);
    for (const end of this.#ends) closeSync(end);
  }

  #inside(...args: readonly string[]): void {
    execFileSync("nsenter", ["-t", `${this.#pid}`, "-n", "ip", ...args], { stdio: "pipe" });
  }

  #unplug(end: string): void {
    const inside = end === "lossy-there" ? ["nsenter", "-t", `${this.#pid}`, "-n"] : [];
    const [command = "", ...args] = [...inside, "ip", "link", "del", end];
    try {
      execFileSync(command, args, { stdio: "pipe" });
    } catch {
      // It went with its namespace.
    }
  }

  #carry(from: number, to: number): void {
    const packet = Buffer.alloc(PACKET_BYTES);
    const next = (): void => {
      read(from, packet, 0, PACKET_BYTES, null, (error, length) => {
        if (!this.#isOpen) return;
        // A device that is being set up has nothing to say.
        if (error) return void setTimeout(next, 20);
        this.count.packets++;
        const isLost = Math.random() < this.#loss;
        if (isLost) this.count.lost++;
        else write(to, packet.subarray(0, length), () => {});
        next();
      });
    };
    next();
  }
}

function tun(name: string): number {
  const device = openSync("/dev/net/tun", constants.O_RDWR);
  const request = Buffer.alloc(40);
  request.write(name, 0, "latin1");
  request.writeUInt16LE(IFF_TUN_NO_PI, 16);
  const ioctl = koffi
    .load("libc.so.6")
    .func("int ioctl(int fd, unsigned long request, void *argp)");
  if (ioctl(device, TUNSETIFF, request) !== 0) throw new Error(`no tun device ${name}`);
  return device;
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}
