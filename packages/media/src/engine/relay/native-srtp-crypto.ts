/**
 * The ciphers of SRTP by the OpenSSL that Node has in it, called without Node between: a context
 * for each key that stays, and one call for each step. What `node:crypto` spends on a packet is
 * nearly all for making objects; this is a tenth of it. It is used where koffi is and where it does
 * what `node:crypto` does, which is tried first; elsewhere `node:crypto` does the work.
 */
import { randomBytes } from "node:crypto";
import { nodeSrtpCrypto } from "carillon/node/pace";
import type { SrtpCrypto } from "carillon/rtp";
import type koffi from "koffi";

/** The best that this machine has; the same for all of a process. */
export function srtpCrypto(): Promise<SrtpCrypto> {
  best ??= load();
  return best;
}

let best: Promise<SrtpCrypto> | undefined;

async function load(): Promise<SrtpCrypto> {
  if (process.platform !== "linux") return nodeSrtpCrypto;
  try {
    const { default: foreign } = await import("koffi");
    const native = new NativeSrtpCrypto(openssl(foreign));
    return doesTheSame(native) ? native : nodeSrtpCrypto;
  } catch {
    // No koffi, or a Node that shows nothing of its OpenSSL.
    return nodeSrtpCrypto;
  }
}

/** The functions of OpenSSL that are needed, with addresses as numbers, and memory for them. */
type OpenSsl = ReturnType<typeof openssl>;

function openssl(foreign: typeof koffi) {
  const self = foreign.load(null);
  const call = (name: string, takes: string): ((...args: readonly number[]) => number) =>
    self.func(`int ${name}(${takes})`);
  const made = (name: string): ((...args: readonly number[]) => number) => {
    const make = self.func(`uintptr_t ${name}()`);
    return () => Number(make());
  };
  const freed = (name: string): ((at: number) => void) => self.func(`void ${name}(uintptr_t)`);
  const [p, i, n] = ["uintptr_t", "int", "size_t"];
  const pointer = foreign.alloc("uint8_t", MEMORY_BYTES);
  return {
    at: Number(foreign.address(pointer)),
    octets: new Uint8Array(foreign.view(pointer, MEMORY_BYTES)),
    ciphers: { 16: made("EVP_aes_128_ctr")(), 32: made("EVP_aes_256_ctr")() },
    sha1: made("EVP_sha1")(),
    newCipher: made("EVP_CIPHER_CTX_new"),
    freeCipher: freed("EVP_CIPHER_CTX_free"),
    initCipher: call("EVP_EncryptInit_ex", [p, p, p, p, p].join()),
    encrypt: call("EVP_EncryptUpdate", [p, p, p, p, i].join()),
    newHmac: made("HMAC_CTX_new"),
    freeHmac: freed("HMAC_CTX_free"),
    initHmac: call("HMAC_Init_ex", [p, p, i, p, p].join()),
    updateHmac: call("HMAC_Update", [p, p, n].join()),
    finishHmac: call("HMAC_Final", [p, p, p].join()),
  };
}

/** A packet at most; whoever asks for more is asked elsewhere. */
const PACKET_BYTES = 4096;
const [IN, OUT, IV, KEY, LENGTH] = [0, 4096, 8192, 8224, 8256] as const;
const MEMORY_BYTES = 8272;
const SHA1_BYTES = 20;

class NativeSrtpCrypto implements SrtpCrypto {
  readonly #ssl: OpenSsl;
  /** By the very key that their users keep. */
  readonly #ciphers = new WeakMap<Uint8Array, number>();
  readonly #hmacs = new WeakMap<Uint8Array, number>();
  readonly #forgotten: FinalizationRegistry<() => void>;

  constructor(ssl: OpenSsl) {
    this.#ssl = ssl;
    this.#forgotten = new FinalizationRegistry((free) => free());
  }

  aesCtr(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
    const to = new Uint8Array(bytes.length);
    this.aesCtrTo(key, iv, bytes, to);
    return to;
  }

  aesCtrTo(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array, to: Uint8Array): void {
    const { length } = bytes;
    if (length > PACKET_BYTES) return to.set(nodeSrtpCrypto.aesCtr(key, iv, bytes));
    const { octets, at, initCipher, encrypt } = this.#ssl;
    const context = this.#ciphers.get(key) ?? this.#cipherFor(key);
    octets.set(iv, IV);
    octets.set(bytes, IN);
    const isDone =
      initCipher(context, 0, 0, 0, at + IV) === 1 &&
      encrypt(context, at + OUT, at + LENGTH, at + IN, length) === 1;
    if (!isDone) throw new Error("OpenSSL refuses to encrypt");
    to.set(octets.subarray(OUT, OUT + length));
  }

  hmacSha1(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
    const { octets, at, initHmac, updateHmac, finishHmac } = this.#ssl;
    let length = 0;
    for (const part of parts) length += part.length;
    if (length > PACKET_BYTES) return nodeSrtpCrypto.hmacSha1(key, ...parts);
    const context = this.#hmacs.get(key) ?? this.#hmacFor(key);
    let end = IN;
    for (const part of parts) {
      octets.set(part, end);
      end += part.length;
    }
    const isDone =
      initHmac(context, 0, 0, 0, 0) === 1 &&
      updateHmac(context, at + IN, length) === 1 &&
      finishHmac(context, at + OUT, at + LENGTH) === 1;
    if (!isDone) throw new Error("OpenSSL refuses to authenticate");
    return octets.slice(OUT, OUT + SHA1_BYTES);
  }

  // Few telephones have these.
  readonly aesGcmSeal: SrtpCrypto["aesGcmSeal"] = nodeSrtpCrypto.aesGcmSeal;
  readonly aesGcmOpen: SrtpCrypto["aesGcmOpen"] = nodeSrtpCrypto.aesGcmOpen;

  #cipherFor(key: Uint8Array): number {
    const { octets, at, newCipher, initCipher, ciphers, freeCipher } = this.#ssl;
    const cipher = ciphers[key.length as 16 | 32];
    if (cipher === undefined) throw new RangeError("a key of AES has 16 or 32 octets");
    const context = newCipher();
    octets.set(key, KEY);
    const isDone = initCipher(context, cipher, 0, at + KEY, at + IV) === 1;
    octets.fill(0, KEY, KEY + key.length);
    this.#forgotten.register(key, () => freeCipher(context));
    if (!isDone) throw new Error("OpenSSL refuses a key");
    this.#ciphers.set(key, context);
    return context;
  }

  #hmacFor(key: Uint8Array): number {
    const { octets, at, newHmac, initHmac, sha1, freeHmac } = this.#ssl;
    if (key.length > PACKET_BYTES) throw new RangeError("a key is too long");
    const context = newHmac();
    octets.set(key, IN);
    const isDone = initHmac(context, at + IN, key.length, sha1, 0) === 1;
    octets.fill(0, IN, IN + key.length);
    this.#forgotten.register(key, () => freeHmac(context));
    if (!isDone) throw new Error("OpenSSL refuses a key");
    this.#hmacs.set(key, context);
    return context;
  }
}

/** Whatever Node was built with: the same octets come out as of `node:crypto`. */
function doesTheSame(native: SrtpCrypto): boolean {
  return [16, 32].every((keyBytes) => {
    const [key, iv, packet] = [randomBytes(keyBytes), randomBytes(16), randomBytes(172)];
    const [more, authKey] = [randomBytes(4), randomBytes(20)];
    return [1, 2].every(() => {
      const [ours, theirs] = [native, nodeSrtpCrypto].map((each) =>
        Buffer.concat([
          each.aesCtr(key, iv, packet.subarray(12)),
          each.hmacSha1(authKey, packet, more),
        ]),
      );
      return ours !== undefined && theirs !== undefined && ours.equals(theirs);
    });
  });
}
