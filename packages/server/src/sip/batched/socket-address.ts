/** Addresses as sockets have them: sockaddr_in and sockaddr_in6, byte by byte. */
import { type Address, isIpv6 } from "carillon/uri";
import { AF_INET, AF_INET6 } from "./system.ts";

/** Of the larger one. */
export const SOCKADDR_BYTES = 28;

/** Peers whose text is kept: a busy server hears the same ones again and again. */
const MAX_KNOWN = 10_000;

/** As many whole addresses are kept: the same few peers send most of what comes. */
const RECENT = 256;

interface Recent {
  readonly bits: number;
  readonly address: Address;
}

/** Reads and writes addresses, and remembers how they are spelled. */
export class SocketAddresses {
  readonly #texts = new Map<string | number, string>();
  readonly #bytes = new Map<string, Uint8Array>();
  /** Of IPv4, each where the lower bits of address and port say. */
  readonly #recent: (Recent | undefined)[] = new Array(RECENT).fill(undefined);

  /** The address that stands at `at`. */
  read(view: DataView, at: number): Address {
    const port = view.getUint16(at + 2);
    if (view.getUint16(at, true) !== AF_INET) return { host: this.#host(view, at), port };
    const bits = view.getUint32(at + 4);
    const place = (bits ^ port) & (RECENT - 1);
    const known = this.#recent[place];
    if (known?.bits === bits && known.address.port === port) return known.address;
    const address = { host: this.#host(view, at), port };
    this.#recent[place] = { bits, address };
    return address;
  }

  /** Writes an address to `at`; returns how many bytes it takes. */
  write(view: DataView, at: number, { host, port }: Address): number {
    const bytes = this.#bytesOf(host);
    for (let i = 0; i < bytes.length; i++) view.setUint8(at + i, bytes[i] ?? 0);
    view.setUint16(at + 2, port);
    return bytes.length;
  }

  #host(view: DataView, at: number): string {
    const isFour = view.getUint16(at, true) === AF_INET;
    const key = isFour ? view.getUint32(at + 4) : key6(view, at);
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = isFour ? text4(view, at + 4) : text6(view, at);
    if (this.#texts.size >= MAX_KNOWN) this.#texts.clear();
    this.#texts.set(key, text);
    return text;
  }

  #bytesOf(host: string): Uint8Array {
    const known = this.#bytes.get(host);
    if (known) return known;
    const bytes = isIpv6(host) ? bytes6(host) : bytes4(host);
    if (this.#bytes.size >= MAX_KNOWN) this.#bytes.clear();
    this.#bytes.set(host, bytes);
    return bytes;
  }
}

const key6 = (view: DataView, at: number): string =>
  [8, 12, 16, 20].map((offset) => view.getUint32(at + offset).toString(36)).join();

const text4 = (view: DataView, at: number): string =>
  [0, 1, 2, 3].map((i) => view.getUint8(at + i)).join(".");

/** RFC 5952's form. Zones are left out: link-local addresses are `node:dgram`'s. */
function text6(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 8 + 2 * i).toString(16));
  // The URL parser has the shortest form at hand.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

function bytes4(host: string): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint16(0, AF_INET, true);
  bytes.set(host.split(".").map(Number), 4);
  return bytes;
}

function bytes6(host: string): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  // `::ffff:7f00:1` and never a dotted end: the URL parser again.
  const [front = "", back] = new URL(`http://[${host}]/`).hostname.slice(1, -1).split("::");
  const [left, right] = [front, back ?? ""].map((half) => half.split(":").filter(Boolean));
  for (const [i, group] of (left ?? []).entries()) view.setUint16(8 + 2 * i, parseInt(group, 16));
  const from = 8 - (right?.length ?? 0);
  for (const [i, group] of (right ?? []).entries()) {
    view.setUint16(8 + 2 * (from + i), parseInt(group, 16));
  }
  return bytes;
}
