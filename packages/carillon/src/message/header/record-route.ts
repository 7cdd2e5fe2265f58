/** Record-Route. RFC 3261 §20.30. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses, parseBracketed } from "./address.ts";

/**
 * `Record-Route = "Record-Route" HCOLON rec-route *(COMMA rec-route)` where `rec-route = name-addr
 * *( SEMI rr-param )`.
 * RFC 3261 §20.30. Errors (400): `bad-header`, `bad-address`.
 */
export const parseRecordRoute = (octets: Octets): Result<readonly NameAddr[]> =>
  parseBracketed(octets, "RFC 3261 §20.30");

/** Always with brackets. Throws a RangeError on an empty list and on what is no URI. */
export const formatRecordRoute = (addresses: readonly NameAddr[]): Octets =>
  formatAddresses(addresses);
