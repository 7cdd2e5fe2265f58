/** Hashes of what comes bit by bit: a file of any size costs one block. FIPS 180-4. */
import { sha1Blocks, sha1Start } from "./sha1.ts";
import { sha256Blocks, sha256Start } from "./sha256.ts";

/** Hashes that name files. RFC 5547 §6 has `sha-1`; `sha-256` is of the same registry. */
export type FileHashAlgorithm = "sha-1" | "sha-256";

const BLOCK = 64;

/** Takes octets in order, and tells their hash at the end. */
export class RunningHash {
  readonly #state: Uint32Array;
  readonly #blocks: (state: Uint32Array, blocks: DataView) => void;
  readonly #rest: Uint8Array = new Uint8Array(BLOCK);
  #octets = 0;

  constructor(algorithm: FileHashAlgorithm) {
    this.#state = algorithm === "sha-1" ? sha1Start() : sha256Start();
    this.#blocks = algorithm === "sha-1" ? sha1Blocks : sha256Blocks;
  }

  /** The next octets. */
  update(octets: Uint8Array): void {
    let at = 0;
    const waiting = this.#octets % BLOCK;
    this.#octets += octets.length;
    if (waiting > 0) {
      at = Math.min(BLOCK - waiting, octets.length);
      this.#rest.set(octets.subarray(0, at), waiting);
      if (waiting + at < BLOCK) return;
      this.#take(this.#rest);
    }
    const whole = octets.length - ((octets.length - at) % BLOCK);
    if (whole > at) this.#take(octets.subarray(at, whole));
    this.#rest.set(octets.subarray(whole));
  }

  /** The hash of all of them: 20 bytes, or 32. Nothing may be taken in after that. */
  digest(): Uint8Array {
    const bits = this.#octets * 8;
    const waiting = this.#octets % BLOCK;
    const end = new Uint8Array(waiting < BLOCK - 8 ? BLOCK : 2 * BLOCK);
    end.set(this.#rest.subarray(0, waiting));
    end[waiting] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(end.length - 4, bits >>> 0);
    this.#blocks(this.#state, view);
    const digest = new DataView(new ArrayBuffer(4 * this.#state.length));
    for (const [i, word] of this.#state.entries()) digest.setUint32(4 * i, word);
    return new Uint8Array(digest.buffer);
  }

  #take(blocks: Uint8Array): void {
    this.#blocks(this.#state, new DataView(blocks.buffer, blocks.byteOffset, blocks.length));
  }
}
