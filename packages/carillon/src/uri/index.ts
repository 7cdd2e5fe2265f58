/** URIs and addresses: `carillon/uri`. */
export type { Params } from "../grammar/params.ts";
export type { ParseError, Result } from "../grammar/result.ts";
export { type Address, formatAddress, formatHost, isIpAddress, isIpv4, isIpv6 } from "./host.ts";
export { formatNameAddr, type NameAddr, parseNameAddr } from "./name-addr.ts";
export {
  escapeUser,
  formatSipUri,
  parseSipUri,
  type SipUri,
  sameSipUri,
  unescapeUri,
} from "./sip-uri.ts";
