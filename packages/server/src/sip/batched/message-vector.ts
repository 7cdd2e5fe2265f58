/**
 * Many datagrams as one system call takes them: an array of `struct mmsghdr`, each with a `struct
 * iovec`, an address and its bytes, all of it in one piece of memory. 64 bits, little end first.
 */
import { SOCKADDR_BYTES } from "./socket-address.ts";
import type { Memory, System } from "./system.ts";

const MMSGHDR = 64;
const IOVEC = 16;
/** Rounded up, so that everything stays aligned. */
const NAME = (SOCKADDR_BYTES + 7) & ~7;

const NAME_LENGTH = 8;
const IOV_LENGTH = 24;
/** How many bytes of a datagram came. */
const RECEIVED = 56;

export class MessageVector {
  readonly count: number;
  readonly memory: Memory;
  readonly #names: number;
  readonly #iovecs: number;
  /** Where the datagrams' bytes start. */
  readonly data: number;

  constructor(system: System, count: number, dataBytes: number) {
    this.count = count;
    this.#iovecs = count * MMSGHDR;
    this.#names = this.#iovecs + count * IOVEC;
    this.data = this.#names + count * NAME;
    this.memory = system.memory(this.data + dataBytes);
    this.memory.bytes.fill(0, 0, this.data);
    for (let nth = 0; nth < count; nth++) this.#link(nth);
  }

  /** Where the header of the nth lies, for the system. */
  address(nth: number): number {
    return this.memory.address + nth * MMSGHDR;
  }

  /** Where its address lies, in `memory`. */
  nameAt(nth: number): number {
    return this.#names + nth * NAME;
  }

  setNameLength(nth: number, length: number): void {
    this.memory.view.setUint32(nth * MMSGHDR + NAME_LENGTH, length, true);
  }

  /** Where its bytes lie, in `memory`, and how many there are or may be. */
  setData(nth: number, at: number, length: number): void {
    const { view, address } = this.memory;
    view.setBigUint64(this.#iovecs + nth * IOVEC, BigInt(address + at), true);
    view.setUint32(this.#iovecs + nth * IOVEC + 8, length, true);
  }

  received(nth: number): number {
    return this.memory.view.getUint32(nth * MMSGHDR + RECEIVED, true);
  }

  #link(nth: number): void {
    const { view, address } = this.memory;
    const header = nth * MMSGHDR;
    view.setBigUint64(header, BigInt(address + this.nameAt(nth)), true);
    view.setUint32(header + NAME_LENGTH, SOCKADDR_BYTES, true);
    view.setBigUint64(header + 16, BigInt(address + this.#iovecs + nth * IOVEC), true);
    view.setUint32(header + IOV_LENGTH, 1, true);
  }
}
