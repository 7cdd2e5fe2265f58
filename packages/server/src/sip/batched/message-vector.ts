/**
 * Many datagrams as one system call takes them: an array of `struct mmsghdr`, each with a `struct
 * iovec`, an address and its bytes, all of it in one piece of memory. 64 bits, little end first.
 */
import { type Memory, SOCKADDR_BYTES, type System } from "carillon-media/system";

const MMSGHDR = 64;
const IOVEC = 16;

const NAME_LENGTH = 8;
const IOV_LENGTH = 24;
const CONTROL = 32;
const CONTROL_LENGTH = 40;
/** Room for what the system says beside a datagram: when it came, and how many it has lost. */
export const CONTROL_BYTES = 64;
/** How many bytes of a datagram came. */
const RECEIVED = 56;

export class MessageVector {
  readonly count: number;
  readonly memory: Memory;
  /** The same memory, for texts. */
  readonly bytes: Buffer;
  readonly #names: number;
  readonly #iovecs: number;
  readonly #controls: number;
  /** Where the datagrams' bytes start. */
  readonly data: number;

  constructor(system: System, count: number, dataBytes: number) {
    this.count = count;
    this.#iovecs = count * MMSGHDR;
    this.#names = this.#iovecs + count * IOVEC;
    this.#controls = this.#names + count * SOCKADDR_BYTES;
    this.data = this.#controls + count * CONTROL_BYTES;
    this.memory = system.memory(this.data + dataBytes);
    const { buffer, byteOffset, length } = this.memory.octets;
    this.bytes = Buffer.from(buffer, byteOffset, length);
    this.memory.octets.fill(0, 0, this.data);
    for (let nth = 0; nth < count; nth++) this.#link(nth);
  }

  /** Where the header of the nth lies, for the system. */
  address(nth: number): number {
    return this.memory.address + nth * MMSGHDR;
  }

  /** Where its address lies, in `memory`. */
  nameAt(nth: number): number {
    return this.#names + nth * SOCKADDR_BYTES;
  }

  setNameLength(nth: number, length: number): void {
    this.memory.view.setUint32(nth * MMSGHDR + NAME_LENGTH, length, true);
  }

  /** Where the system writes what it says beside the nth, in `memory`. */
  controlAt(nth: number): number {
    return this.#controls + nth * CONTROL_BYTES;
  }

  /** Before each time: how much it may write there, or none; afterwards how much it has. */
  setControlLength(nth: number, length: number): void {
    this.memory.view.setUint32(nth * MMSGHDR + CONTROL_LENGTH, length, true);
  }

  controlLength(nth: number): number {
    return this.memory.view.getUint32(nth * MMSGHDR + CONTROL_LENGTH, true);
  }

  /** Where its bytes lie, in `memory`, and how many there are or may be. */
  setData(nth: number, at: number, length: number): void {
    const { view, address } = this.memory;
    writePointer(view, this.#iovecs + nth * IOVEC, address + at);
    view.setUint32(this.#iovecs + nth * IOVEC + 8, length, true);
  }

  received(nth: number): number {
    return this.memory.view.getUint32(nth * MMSGHDR + RECEIVED, true);
  }

  #link(nth: number): void {
    const { view, address } = this.memory;
    const header = nth * MMSGHDR;
    writePointer(view, header, address + this.nameAt(nth));
    view.setUint32(header + NAME_LENGTH, SOCKADDR_BYTES, true);
    writePointer(view, header + 16, address + this.#iovecs + nth * IOVEC);
    view.setUint32(header + IOV_LENGTH, 1, true);
    writePointer(view, header + CONTROL, address + this.controlAt(nth));
  }
}

/** An address has 47 bits, which a number holds; a BigInt for each datagram would be garbage. */
function writePointer(view: DataView, at: number, address: number): void {
  view.setUint32(at, address % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(address / 2 ** 32), true);
}
