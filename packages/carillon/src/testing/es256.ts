/** ECDSA with P-256 and SHA-256, as `node:crypto` has it: RFC 7518 §3.4. */
import { type KeyObject, verify } from "node:crypto";
import type { Octets } from "../grammar/octets.ts";

/** Whether this key signed these octets; `signature` is R and S, 32 octets each. RFC 7518 §3.4. */
export const verifyEs256 = (key: KeyObject, signed: Octets, signature: Uint8Array): boolean =>
  verify("sha256", Buffer.from(signed, "latin1"), { key, dsaEncoding: "ieee-p1363" }, signature);
