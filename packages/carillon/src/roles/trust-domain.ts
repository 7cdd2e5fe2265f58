/**
 * Headers that servers which trust each other say to one another about a request: who sent it, who
 * pays, where they are. This server trusts nobody's word on these, and nobody is told what somebody
 * else made up: they are taken out of all that is passed on, both ways. RFC 3325 §5, RFC 6050 §4,
 * RFC 5502 §6, RFC 7315 §6, RFC 4457 §5, RFC 5002 §4.
 */
import type { HeaderName } from "../message/header-name.ts";

/** As the reader of messages names them, however they were spelled. */
const WITHHELD: ReadonlySet<HeaderName> = new Set([
  //= RFC 3325 §5
  //# If the proxy received the message from an element that it does not trust and there is a
  //# P-Asserted-Identity header present which contains a SIP or SIPS URI, the proxy MUST replace
  //# that SIP or SIPS URI with a single SIP or SIPS URI or remove this header field.
  "P-Asserted-Identity",
  //= RFC 3325 §6
  //# The proxy MUST remove the user-provided P-Preferred-Identity header from any message it
  //# forwards.
  "P-Preferred-Identity",
  ...(["P-Asserted-Service", "P-Preferred-Service", "P-Served-User"] as const),
  ...(["P-Charging-Vector", "P-Charging-Function-Addresses", "P-Access-Network-Info"] as const),
  ...(["P-User-Database", "P-Profile-Key"] as const),
]);

/** Whether this header is kept from whoever a message is passed on to. */
export const isWithheld = (name: HeaderName | undefined): boolean =>
  name !== undefined && name.charCodeAt(0) === LETTER_P && WITHHELD.has(name);

/** They all begin with it, and few other headers do: most names are not looked up. */
const LETTER_P = 0x50;
