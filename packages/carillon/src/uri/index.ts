/** URIs and addresses: `carillon/uri`. */
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
