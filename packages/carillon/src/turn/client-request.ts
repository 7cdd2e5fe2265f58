/**
 * Requests as a client of a TURN server writes them, for who tests one. RFC 8489 §9.2.3. What a
 * client has to keep is little: the realm and the nonce that the last challenge had.
 */
import type { Octets } from "../grammar/octets.ts";
import { attributeTypes, readOctets } from "./stun-attributes.ts";
import { type Integrity, type StunCrypto, withIntegrity } from "./stun-integrity.ts";
import {
  attribute,
  putU16,
  type StunAttribute,
  type StunContent,
  writeStun,
} from "./stun-message.ts";
import type { TurnCredentials } from "./turn-credentials.ts";
import { longTermKey } from "./turn-credentials.ts";

/** What the server said in its 401 or 438. */
export interface TurnChallenge {
  /** REALM as it is on the wire. */
  readonly realm: Octets;
  /** NONCE as it is on the wire. */
  readonly nonce: Octets;
}

/** The challenge in an answer; undefined for one that has none. */
export function challengeIn(answer: StunContent): TurnChallenge | undefined {
  const realm = readOctets(attribute(answer, attributeTypes.REALM), 763);
  const nonce = readOctets(attribute(answer, attributeTypes.NONCE), 763);
  return realm === undefined || nonce === undefined ? undefined : { realm, nonce };
}

/**
 * A request that proves who sends it. With `integrity` of SHA-256 it is one of RFC 8489, with
 * PASSWORD-ALGORITHM and all; without, one of RFC 5389, which every server knows.
 */
export function signedRequest(
  content: Omit<StunContent, "class">,
  { username, credential: password }: TurnCredentials,
  { realm, nonce }: TurnChallenge,
  crypto: StunCrypto,
  integrity: Integrity = "SHA-1",
): Uint8Array {
  const isNew = integrity === "SHA-256";
  const { USERNAME, REALM, NONCE, PASSWORD_ALGORITHM, PASSWORD_ALGORITHMS } = attributeTypes;
  const attributes: StunAttribute[] = [
    ...content.attributes,
    octetsAttribute(USERNAME, username),
    octetsAttribute(REALM, realm),
    octetsAttribute(NONCE, nonce),
  ];
  if (isNew) {
    attributes.push({ type: PASSWORD_ALGORITHMS, value: Uint8Array.of(0, 2, 0, 0, 0, 1, 0, 0) });
    attributes.push({ type: PASSWORD_ALGORITHM, value: Uint8Array.of(0, 2, 0, 0) });
  }
  const algorithm = isNew ? "SHA-256" : "MD5";
  const key = longTermKey({ username, realm, password }, algorithm, crypto);
  return withIntegrity(
    writeStun({ ...content, class: "Request", attributes }),
    key,
    integrity,
    crypto,
  );
}

const octetsAttribute = (type: number, octets: Octets): StunAttribute => ({
  type,
  value: Uint8Array.from(octets, (one) => one.charCodeAt(0)),
});

/** Data under the short name of a peer. RFC 8656 §12.4. */
export function channelData(number: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + data.length);
  putU16(bytes, 0, number);
  putU16(bytes, 2, data.length);
  bytes.set(data, 4);
  return bytes;
}
