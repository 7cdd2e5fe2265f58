/**
 * URIs and addresses: `carillon/uri`. RFC 3261 §19.1, §20.10; RFC 3966.
 *
 * What is read keeps its `%HH` escapes, so that it is written as it came: `unescapeUri` takes them
 * off to compare or show a part, and `sameSipUri` and its like know which of them count. Hosts come
 * in lower case and IPv6 without brackets; the names of parameters in lower case.
 *
 * ```ts
 * import { parseNameAddr, parseSipUri, sameSipUri } from "carillon/uri";
 *
 * const from = parseNameAddr('"Alice Li" <sips:alice@EXAMPLE.com:5061>;tag=a48s');
 * if (!from.ok) throw new Error(from.error.message);
 * console.log(from.value.displayName, from.value.params.get("tag")); // Alice Li a48s
 *
 * const uri = parseSipUri(from.value.uri);
 * if (!uri.ok) throw new Error(uri.error.message);
 * console.log(uri.value.host, uri.value.port); // example.com 5061
 * console.log(sameSipUri(uri.value, { ...uri.value, scheme: "sip" })); // false
 * ```
 */
export type { Params } from "../grammar/params.ts";
export type { ParseError, Result } from "../grammar/result.ts";
export {
  type EmbeddedHeader,
  embeddedHeaders,
  honouredHeaders,
  withHeaders,
} from "./embedded-headers.ts";
export { type Gruu, gruuOf, isBulkNumberContact } from "./gruu.ts";
export {
  type Address,
  formatAddress,
  formatHost,
  isIpAddress,
  isIpv4,
  isIpv6,
  sameHost,
} from "./host.ts";
export { formatNameAddr, type NameAddr, parseNameAddr } from "./name-addr.ts";
export { type PushParams, pushParams } from "./push-params.ts";
export {
  escapeUser,
  formatSipUri,
  parseSipUri,
  type SipUri,
  sameSipUri,
  unescapeUri,
} from "./sip-uri.ts";
export { sipToTel, telToSip } from "./tel-sip.ts";
export { formatTelUri, parseTelUri, sameTelUri, type TelUri } from "./tel-uri.ts";
export { formatUri, type OtherUri, parseUri, sameUri, type Uri } from "./uri.ts";
