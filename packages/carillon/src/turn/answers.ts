/** What a TURN server answers, and what it reads of every request. RFC 8489 §6.3, RFC 8656 §5. */
import type { Address } from "../uri/host.ts";
import type { Client } from "./allocation.ts";
import type { Authenticated } from "./authentication.ts";
import { readXorAddress, xorAddress } from "./stun-address.ts";
import {
  attributeTypes,
  errorAttribute,
  type StunError,
  stunErrors,
  textAttribute,
  unknownAttributes,
} from "./stun-attributes.ts";
import { type StunCrypto, withIntegrity } from "./stun-integrity.ts";
import {
  type StunAttribute,
  type StunMessage,
  withFingerprint,
  writeStun,
} from "./stun-message.ts";
import type { TurnOutput } from "./turn-io.ts";

/** What a server does, in this order. */
export type Outputs = readonly TurnOutput[];
export const NOTHING: Outputs = [];

/** Writes answers: with proof to who is signed in, without to strangers. */
export class Answers {
  readonly #crypto: StunCrypto;
  /** SOFTWARE, for who is signed in. */
  readonly software: readonly StunAttribute[];

  constructor(crypto: StunCrypto, software: string | undefined) {
    this.#crypto = crypto;
    this.software =
      software === undefined ? [] : [textAttribute(attributeTypes.SOFTWARE, software)];
  }

  answer(
    { local, remote }: Client,
    { method, transactionId, hasFingerprint }: StunMessage,
    kind: "Success" | "Error",
    attributes: readonly StunAttribute[],
    user?: Authenticated,
  ): Outputs {
    let bytes = writeStun({ class: kind, method, transactionId, attributes });
    if (user) bytes = withIntegrity(bytes, user.key, user.integrity, this.#crypto);
    if (hasFingerprint) bytes = withFingerprint(bytes);
    return [{ kind: "Send", local, remote, bytes }];
  }

  refuse(client: Client, request: StunMessage, user: Authenticated, error: StunError): Outputs {
    return this.answer(client, request, "Error", [errorAttribute(error)], user);
  }
}

export const mappedAddress = ({ remote }: Client, { transactionId }: StunMessage): StunAttribute =>
  xorAddress(attributeTypes.XOR_MAPPED_ADDRESS, remote, transactionId);

/** Attributes that a request may have; others below 0x8000 are told so. */
const KNOWN: ReadonlySet<number> = new Set<number>(
  Object.values(attributeTypes).filter(
    (type) => type !== attributeTypes.DONT_FRAGMENT && type !== attributeTypes.USERHASH,
  ),
);

//= RFC 8489 §6.3.1
//# If the request contains one or more unknown comprehension-required attributes, the server
//# replies with an error response with an error code of 420 (Unknown Attribute) and includes an
//# UNKNOWN-ATTRIBUTES attribute in the response that lists the unknown comprehension-required
//# attributes.
export const unknownIn = ({ attributes }: StunMessage): readonly number[] =>
  attributes.filter(({ type }) => type < 0x8000 && !KNOWN.has(type)).map(({ type }) => type);

/** What the answer to those has in it. */
export const refusalOf = (unknown: readonly number[]): readonly StunAttribute[] => [
  errorAttribute(stunErrors.UnknownAttribute),
  unknownAttributes(unknown),
];

/** All peers of a request; undefined if there is none, or one that is no address. */
export function peersIn({
  attributes,
  transactionId,
}: StunMessage): readonly Address[] | undefined {
  const peers: Address[] = [];
  for (const { type, value } of attributes) {
    if (type !== attributeTypes.XOR_PEER_ADDRESS) continue;
    const peer = readXorAddress(value, transactionId);
    if (!peer) return undefined;
    peers.push(peer);
  }
  return peers.length === 0 ? undefined : peers;
}
