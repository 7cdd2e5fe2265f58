/**
 * Finding servers and staying with those that answer: `carillon/locate`. RFC 3263, RFC 2782,
 * RFC 3261 §18.1.1, RFC 5922, RFC 5923, RFC 6116.
 *
 * Five pure machines, each a namespace with `start`, `step` and `deadline`: `locate` (a URI to
 * targets), `enumeration` (a number to a URI), `dnsCache` between these and the world, `failover`
 * (one request, several targets), `suspects` (who is tried last for now). What they ask of the
 * world is `Query`, what it tells them `Answered`.
 *
 * ```ts
 * import { type Answer, locate, type Question, targetKey, wantedByUri } from "carillon/locate";
 * import { parseSipUri } from "carillon/uri";
 *
 * // In place of a resolver.
 * const ask = ({ name, type }: Question): Answer =>
 *   type === "A" && name === "example.com"
 *     ? { kind: "Found", records: [{ type, address: "192.0.2.7" }], ttlSeconds: 60 }
 *     : { kind: "None", why: "NODATA", ttlSeconds: 60 };
 *
 * const uri = parseSipUri("sip:bob@example.com");
 * if (!uri.ok) throw new Error(uri.error.message);
 * const params: locate.Params = {
 *   ...{ wanted: wantedByUri(uri.value), transports: ["UDP", "TCP"], families: ["A"] },
 *   ...{ seed: 1, publicOnly: false },
 * };
 * let [state, ...outputs] = locate.start(params, 0);
 * for (let output = outputs.shift(); output; output = outputs.shift()) {
 *   const targets = output.kind === "Located" ? output.targets : [];
 *   for (const one of targets) console.log(targetKey(one)); // UDP 192.0.2.7:5060
 *   if (output.kind !== "Query") continue;
 *   const { question } = output;
 *   const told = { kind: "Answered", question, answer: ask(question) } as const;
 *   const [next, ...more] = locate.step(params, state, told, 0);
 *   state = next;
 *   outputs.push(...more);
 * }
 * ```
 */
export type { TransportName } from "../transport/flow.ts";
export {
  type AliasRow,
  aliasKey,
  clientAlias,
  reusable,
  serverAlias,
} from "./connection-reuse.ts";
/** What the DNS said, for as long as it said; equal questions are asked once. */
export * as dnsCache from "./dns-cache.ts";
/** ENUM: a telephone number to a SIP URI. RFC 6116. */
export * as enumeration from "./enum.ts";
/** One request and several servers, until one answers. RFC 3263 §4.3. */
export * as failover from "./failover.ts";
/** A URI, or the sent-by of a Via, to targets. RFC 3263 §4 and §5. */
export * as locate from "./locate.ts";
export type {
  AddressRecord,
  AddressType,
  Alias,
  Answer,
  Answered,
  DnsRecord,
  Failed,
  Found,
  NaptrRecord,
  None,
  Query,
  Question,
  RecordType,
  SrvRecord,
} from "./naming.ts";
export { question, questionKey } from "./naming.ts";
export { isPublicAddress } from "./public-address.ts";
export { type Attempt, responseAttempts } from "./response-attempts.ts";
/** Servers that were silent or asked for peace, and are tried last for a while. */
export * as suspects from "./suspects.ts";
export { MAX_TARGETS, type Target, targetKey } from "./target.ts";
export { type AlternativeName, isIdentifiedAs, sipIdentities } from "./tls-identity.ts";
export { isTooLargeForUdp, type RequestSize, targetsForSize } from "./transport-choice.ts";
export { type Wanted, wantedByUri, wantedByVia } from "./wanted.ts";
