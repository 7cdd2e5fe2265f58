/** What the network said of datagrams that left: a host that refuses, a way that does not exist. */
import type { Address } from "carillon/uri";
import type { SocketAddresses } from "./socket-address.ts";
import { MSG_DONTWAIT, MSG_ERRQUEUE, type System } from "./system.ts";

const HEADER = 0;
const NAME = 64;
const IOVEC = 96;
const CONTROL = 128;
const CONTROL_BYTES = 512;
const DATA = CONTROL + CONTROL_BYTES;
/** Errors read in one turn; the rest come in the next. */
const MAX_ERRORS = 256;
/** In `struct sock_extended_err`, behind the control message's own header. */
const ERRNO = CONTROL + 16;

export class ErrorQueue {
  readonly #system: System;
  readonly #addresses: SocketAddresses;
  readonly #memory: ReturnType<System["memory"]>;

  constructor(system: System, addresses: SocketAddresses) {
    this.#system = system;
    this.#addresses = addresses;
    this.#memory = system.memory(DATA + 8);
    this.#memory.bytes.fill(0);
  }

  /** Tells of each: whom the datagram was for, and what happened to it. */
  drain(fd: number, failed: (remote: Address, errno: number) => void): void {
    for (let nth = 0; nth < MAX_ERRORS; nth++) {
      this.#prepare();
      const flags = MSG_ERRQUEUE | MSG_DONTWAIT;
      if (this.#system.recvmsg(fd, this.#memory.address + HEADER, flags) < 0) return;
      const { view } = this.#memory;
      failed(this.#addresses.read(view, NAME), view.getUint32(ERRNO, true));
    }
  }

  /** `struct msghdr`: name, one iovec, control. The system changes it each time. */
  #prepare(): void {
    const { view, address } = this.#memory;
    const pointer = (at: number, to: number) => view.setBigUint64(at, BigInt(address + to), true);
    pointer(HEADER, NAME);
    view.setUint32(HEADER + 8, IOVEC - NAME, true);
    pointer(HEADER + 16, IOVEC);
    view.setUint32(HEADER + 24, 1, true);
    pointer(HEADER + 32, CONTROL);
    view.setUint32(HEADER + 40, CONTROL_BYTES, true);
    view.setUint32(HEADER + 48, 0, true);
    pointer(IOVEC, DATA);
    view.setUint32(IOVEC + 8, 8, true);
  }
}
