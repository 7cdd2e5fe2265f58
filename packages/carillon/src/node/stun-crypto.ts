/** `node:crypto` behind what STUN and TURN need. */
import { createHmac } from "node:crypto";
import type { StunCrypto } from "../turn/stun-integrity.ts";
import { nodeCrypto } from "./node-crypto.ts";

/** Hashes, HMACs and random octets by `node:crypto`, for `TurnServer` of `carillon/turn`. */
export const nodeStunCrypto = (): StunCrypto => ({
  ...nodeCrypto(),
  hmacSha1: (key, bytes) => createHmac("sha1", key).update(bytes).digest(),
});
