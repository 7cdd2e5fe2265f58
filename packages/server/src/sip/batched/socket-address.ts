/** Addresses as sockets have them, and as many of them remembered as come again and again. */

import type { Address } from "carillon/uri";
import { AF_INET, readSocketAddress, socketAddress } from "carillon-media/system";

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
    const text = readSocketAddress(view, at).host;
    if (this.#texts.size >= MAX_KNOWN) this.#texts.clear();
    this.#texts.set(key, text);
    return text;
  }

  #bytesOf(host: string): Uint8Array {
    const known = this.#bytes.get(host);
    if (known) return known;
    const bytes = socketAddress({ host, port: 0 });
    if (this.#bytes.size >= MAX_KNOWN) this.#bytes.clear();
    this.#bytes.set(host, bytes);
    return bytes;
  }
}

const key6 = (view: DataView, at: number): string =>
  [8, 12, 16, 20].map((offset) => view.getUint32(at + offset).toString(36)).join();
