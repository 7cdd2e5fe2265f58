/** A socket that sends and takes many datagrams a system call: `sendmmsg` by koffi. */
import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const call = (declaration: string) => libc.func(declaration);
const socket = call("int socket(int, int, int)");
const bind = call("int bind(int, void *, uint)");
const setsockopt = call("int setsockopt(int, int, int, void *, uint)");
const sendmmsg = call("int sendmmsg(int, uintptr_t, uint, int)");
const recvmmsg = call("int recvmmsg(int, uintptr_t, uint, int, uintptr_t)");

const [AF_INET, DATAGRAM, NONBLOCK, DONTWAIT] = [2, 2, 0o4000, 0x40] as const;
/** SO_RCVBUFFORCE: what is measured must not lose what it sent. */
const [SOL_SOCKET, RECEIVE_BUFFER] = [1, 33] as const;
const [HEADER, VECTOR, NAME] = [64, 16, 16] as const;
const [TAKEN, TAKEN_BYTES] = [64, 2048] as const;

/** What goes out in one frame after the other: for each call a packet of it. */
export interface Batch {
  readonly calls: number;
  /** Addresses of the headers for `sendmmsg`, one row a frame. */
  readonly row: (frame: number) => number;
}

export class SendSocket {
  sent = 0;
  received = 0;
  readonly #fd: number;
  readonly #taken = vectorOf(TAKEN, () => TAKEN_BYTES);

  private constructor(fd: number) {
    this.#fd = fd;
  }

  static async open(port: number): Promise<SendSocket> {
    const fd = socket(AF_INET, DATAGRAM | NONBLOCK, 0);
    const name = new Uint8Array(NAME);
    writeName(new DataView(name.buffer), 0, port);
    if (bind(fd, name, NAME) !== 0) throw new Error(`port ${port} is taken`);
    setsockopt(fd, SOL_SOCKET, RECEIVE_BUFFER, new Uint8Array(Uint32Array.of(8 << 20).buffer), 4);
    return new SendSocket(fd);
  }

  /** All packets of all calls, where the system can read them. */
  batch(
    calls: readonly { readonly port: number; readonly packets: readonly Uint8Array[] }[],
  ): Batch {
    const frames = calls[0]?.packets.length ?? 0;
    const of = (nth: number) => calls[nth % calls.length]!;
    const packet = (nth: number) => of(nth).packets[Math.floor(nth / calls.length)]!;
    const all = vectorOf(frames * calls.length, (nth) => packet(nth).length);
    for (let nth = 0; nth < frames * calls.length; nth++) {
      writeName(all.view, all.nameAt(nth), of(nth).port);
      all.octets.set(packet(nth), all.dataAt(nth));
    }
    return { calls: calls.length, row: (frame) => all.address + frame * calls.length * HEADER };
  }

  /** A part of the calls' packets of one frame. */
  send({ calls, row }: Batch, frame: number, slice: number, slices: number): void {
    const at = row(frame);
    const end = Math.floor(((slice + 1) * calls) / slices);
    for (let from = Math.floor((slice * calls) / slices); from < end; ) {
      const sent = sendmmsg(this.#fd, at + from * HEADER, end - from, 0);
      from += Math.max(1, sent);
      this.sent += Math.max(0, sent);
    }
  }

  /** Counts what has come. */
  drain(): void {
    for (;;) {
      const count = recvmmsg(this.#fd, this.#taken.address, TAKEN, DONTWAIT, 0);
      if (count > 0) this.received += count;
      if (count < TAKEN) return;
    }
  }
}

/** An array of `struct mmsghdr`, each with an address and its octets, in one piece of memory. */
function vectorOf(count: number, bytesOf: (nth: number) => number) {
  const starts: number[] = [];
  let size = count * (HEADER + VECTOR + NAME);
  for (let nth = 0; nth < count; nth++) {
    starts.push(size);
    size += bytesOf(nth);
  }
  const pointer = koffi.alloc("uint8_t", size);
  const buffer = koffi.view(pointer, size);
  const [view, octets] = [new DataView(buffer), new Uint8Array(buffer)];
  const address = Number(koffi.address(pointer));
  octets.fill(0, 0, count * (HEADER + VECTOR + NAME));
  const nameAt = (nth: number): number => count * (HEADER + VECTOR) + nth * NAME;
  const dataAt = (nth: number): number => starts[nth]!;
  for (let nth = 0; nth < count; nth++) {
    const [header, vector] = [nth * HEADER, count * HEADER + nth * VECTOR];
    view.setBigUint64(header, BigInt(address + nameAt(nth)), true);
    view.setUint32(header + 8, NAME, true);
    view.setBigUint64(header + 16, BigInt(address + vector), true);
    view.setUint32(header + 24, 1, true);
    view.setBigUint64(vector, BigInt(address + dataAt(nth)), true);
    view.setUint32(vector + 8, bytesOf(nth), true);
  }
  return { address, view, octets, nameAt, dataAt };
}

function writeName(view: DataView, at: number, port: number): void {
  view.setUint16(at, AF_INET, true);
  view.setUint16(at + 2, port);
  view.setUint32(at + 4, 0x7f_00_00_01);
}
