/**
 * Keeps the checks of ICE away from a socket of libdatachannel until there is an answer.
 *
 * libdatachannel takes an answer in two steps: ICE gets its credentials, and then its fingerprint
 * is noted. Where checks of the peer have come in before, ICE can have found a way between the two,
 * and DTLS, which has no fingerprint to go by yet, ends the link. With none before there is nobody
 * to find a way to. So the kernel drops them for as long: a check that is lost is sent again, and
 * we send our own as soon as the answer is known.
 */
import { readdirSync } from "node:fs";
import { readSocketAddress, SOCKADDR_BYTES } from "../system/socket-address.ts";
import {
  AF_INET,
  AF_INET6,
  loadSystem,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  type System,
} from "../system/system.ts";

/** Finds sockets of this process, and has the kernel drop checks for them. */
export class CheckHolder {
  readonly #system: System;
  readonly #program: Uint8Array;

  /** Undefined where the system cannot do it: anything but Linux on 64 bits, or without koffi. */
  static load(): Promise<CheckHolder | undefined> {
    loading ??= loadSystem().then((system) =>
      typeof system === "string" ? undefined : new CheckHolder(system),
    );
    return loading;
  }

  private constructor(system: System) {
    this.#system = system;
    this.#program = programFor(system);
  }

  /** The number that the next socket gets: a hint for `hold`. */
  nextNumber(): number {
    const fd = this.#system.socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) this.#system.close(fd);
    return Math.max(fd, 0);
  }

  /**
   * No Binding request comes in at our UDP socket of this port until the function that is returned
   * is called, once. Undefined where no such socket was found, or the kernel would not.
   */
  hold(port: number, near: number): (() => void) | undefined {
    const fd = this.#find(port, near);
    if (fd === undefined || !this.#set(fd, SO_ATTACH_FILTER)) return undefined;
    return () => {
      // It may be closed by now, and its number another one's.
      if (this.#portOf(fd) === port) this.#set(fd, SO_DETACH_FILTER);
    };
  }

  #find(port: number, near: number): number | undefined {
    const isIt = (fd: number): boolean => this.#portOf(fd) === port;
    const close = Array.from({ length: NEAR }, (_, n) => near + n).find(isIt);
    return close ?? readdirSync("/proc/self/fd").map(Number).find(isIt);
  }

  /** Of an open UDP socket: TCP has ports of its own. */
  #portOf(fd: number): number | undefined {
    const address = new Uint8Array(SOCKADDR_BYTES);
    const length = Uint32Array.of(SOCKADDR_BYTES);
    const [type, typeLength] = [new Uint32Array(1), Uint32Array.of(4)];
    const [asked, told] = [octets(type), octets(typeLength)];
    if (this.#system.getsockopt(fd, SOL_SOCKET, SO_TYPE, asked, told) !== 0) return undefined;
    if (type[0] !== SOCK_DGRAM) return undefined;
    if (this.#system.getsockname(fd, address, octets(length)) !== 0) return undefined;
    const view = new DataView(address.buffer);
    return view.getUint16(0, true) < AF_INET ? undefined : readSocketAddress(view, 0).port;
  }

  #set(fd: number, name: number): boolean {
    const value = this.#program;
    return this.#system.setsockopt(fd, SOL_SOCKET, name, value, value.length) === 0;
  }
}

/**
 * `struct sock_fprog` with a program for the packet filter (`struct sock_filter` each). A filter of
 * a UDP socket sees a datagram from its UDP header on; a Binding request begins with 0x0001.
 */
function programFor(system: System): Uint8Array {
  const instructions: readonly (readonly [number, number, number, number])[] = [
    [BPF_LDH_ABS, 0, 0, UDP_HEADER],
    [BPF_JEQ, 0, 1, BINDING_REQUEST],
    [BPF_RET, 0, 0, DROPPED],
    [BPF_RET, 0, 0, WHOLE],
  ];
  const { view, address } = system.memory(INSTRUCTION * instructions.length);
  for (const [n, [code, then, otherwise, value]] of instructions.entries()) {
    view.setUint16(n * INSTRUCTION, code, true);
    view.setUint8(n * INSTRUCTION + 2, then);
    view.setUint8(n * INSTRUCTION + 3, otherwise);
    view.setUint32(n * INSTRUCTION + 4, value, true);
  }
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, instructions.length, true);
  program.setBigUint64(8, BigInt(address), true);
  return octets(program);
}

const octets = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

let loading: Promise<CheckHolder | undefined> | undefined;

const NEAR = 16;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;
const INSTRUCTION = 8;
const [BPF_LDH_ABS, BPF_JEQ, BPF_RET] = [0x28, 0x15, 0x06];
const UDP_HEADER = 8;
/** RFC 8489 §5: the class of a request, and the method Binding. */
const BINDING_REQUEST = 0x0001;
const [DROPPED, WHOLE] = [0, 0xffff_ffff];
