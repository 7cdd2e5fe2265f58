/** What a browser has, and the portable hashes for what it lacks. */
import type { Crypto } from "../auth/crypto.ts";
import { portableCrypto } from "../auth/portable-crypto.ts";

export const browserCrypto = (): Crypto =>
  portableCrypto((count) => crypto.getRandomValues(new Uint8Array(count)));
