/** Contact. RFC 3261 §20.10. What its parameters say: `readContactParams`. */
import { trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses, parseAddresses } from "./address.ts";
import { badHeader } from "./header-error.ts";

/** `*` stands alone: in REGISTER it means every binding. RFC 3261 §20.10. */
export type Contacts = "*" | readonly NameAddr[];

const SOURCE = "RFC 3261 §20.10";

/**
 * `Contact = ("Contact" / "m" ) HCOLON ( STAR / (contact-param *(COMMA contact-param)))`.
 * RFC 3261 §20.10. Errors (400): `bad-header`, `bad-address`.
 */
export function parseContact(octets: Octets): Result<Contacts> {
  if (trimmed(octets, 0, octets.length) === "*") return ok("*");
  const addresses = parseAddresses(octets, SOURCE);
  if (addresses.ok && addresses.value.some(({ uri }) => uri === "*")) {
    return badHeader("* stands alone", 0, SOURCE);
  }
  return addresses;
}

/** `*`, or addresses with brackets. Throws a RangeError on an empty list and on what is no URI. */
export const formatContact = (contacts: Contacts): Octets =>
  contacts === "*" ? "*" : formatAddresses(contacts);
