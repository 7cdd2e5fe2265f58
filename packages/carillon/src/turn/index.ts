/**
 * STUN and TURN: `carillon/turn`. RFC 8489, RFC 8656 (UDP). A way for media between two that no
 * other way connects: a relay on a machine that both reach.
 *
 * `TurnServer` is the server, one deterministic function of what happened and when; a world gives
 * it datagrams and sockets. Its users are whoever has credentials of `turnCredentials`, which end
 * by themselves and which coturn understands as well. It talks to public addresses, to its own
 * relays and to media that a `PeerWorld` names, and to nothing else that its operator has not
 * opened. Below it, `readStun`, `writeStun` and what stands in messages.
 *
 * ```ts
 * import { nodeStunCrypto } from "carillon/node";
 * import {
 *   attribute, attributeTypes, methods, readStun, readXorAddress, TurnServer, writeStun,
 * } from "carillon/turn";
 *
 * const crypto = nodeStunCrypto();
 * const server = new TurnServer({
 *   ...{ crypto, realm: "house.example", startedAt: Date.now() },
 *   ...{ secret: crypto.randomBytes(32), nonceKey: crypto.randomBytes(32) },
 *   ...{ ports: { first: 49_152, last: 49_407 }, relayHost: () => undefined },
 *   peers: { isOwn: () => false, isOwnMedia: () => false, isOpened: () => false },
 * });
 *
 * const transactionId = crypto.randomBytes(12);
 * const bytes = writeStun({
 *   ...{ class: "Request", method: methods.Binding, transactionId, attributes: [] },
 * });
 * const local = { host: "192.0.2.1", port: 3478 };
 * const remote = { host: "198.51.100.7", port: 40_000 };
 * const [sent] = server.handle({ kind: "Datagram", local, remote, bytes }, Date.now());
 * const answer = sent?.kind === "Send" ? readStun(sent.bytes) : undefined;
 * if (answer?.ok) {
 *   const mapped = attribute(answer.value, attributeTypes.XOR_MAPPED_ADDRESS);
 *   console.log(mapped && readXorAddress(mapped, transactionId)?.host); // 198.51.100.7
 * }
 * ```
 */
export type { Millis } from "../grammar/millis.ts";
export type { Octets } from "../grammar/octets.ts";
export type { ParseError, Result } from "../grammar/result.ts";
export type { Address } from "../uri/host.ts";
export type { Client } from "./allocation.ts";
export type { Realm } from "./authentication.ts";
export { challengeIn, channelData, signedRequest, type TurnChallenge } from "./client-request.ts";
export { judgePeer, type PeerVerdict, type PeerWorld } from "./peer-rules.ts";
export type { RelayHost, RelayOptions } from "./relay-table.ts";
export type { Rate } from "./source-budget.ts";
export { formatIpBytes, ipBytes, readXorAddress, xorAddress } from "./stun-address.ts";
export {
  attributeTypes,
  type Family,
  numberAttribute,
  readErrorCode,
  readNumber,
  type StunError,
  type StunErrorName,
  stunErrors,
  textAttribute,
} from "./stun-attributes.ts";
export { type Integrity, isProved, type StunCrypto, withIntegrity } from "./stun-integrity.ts";
export {
  attribute,
  isStunMessage,
  methods,
  readStun,
  type StunAttribute,
  type StunClass,
  type StunContent,
  type StunMessage,
  withFingerprint,
  writeStun,
} from "./stun-message.ts";
export {
  longTermKey,
  type PasswordAlgorithm,
  readTurnUsername,
  type TurnCredentials,
  type TurnUser,
  turnCredentials,
  turnPassword,
} from "./turn-credentials.ts";
export type { TurnEvent, TurnInput, TurnOutput } from "./turn-io.ts";
export {
  TURN_LIMITS,
  type TurnCensus,
  type TurnLimits,
  type TurnServerOptions,
} from "./turn-options.ts";
export { TurnServer } from "./turn-server.ts";
