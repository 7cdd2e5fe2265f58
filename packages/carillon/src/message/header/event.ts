/** Event. RFC 6665 §8.2.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";
import { formatToken } from "./token.ts";
import { parseTokenParams } from "./token-params.ts";

/** Which event package a subscription is to, and which of several. RFC 6665 §8.2.1. */
export interface EventType {
  /** The package, with its templates behind dots: `presence.winfo`. Case counts. */
  readonly type: string;
  /**
   * Tells apart the subscriptions of one dialog to one package; undefined where it is not needed.
   * RFC 6665 §4.5.2.
   */
  readonly id: string | undefined;
  /** Others than `id`: what the package defines. */
  readonly params: Params;
}

/**
 * `Event = ( "Event" / "o" ) HCOLON event-type *( SEMI event-param )`.
 * RFC 6665 §8.2.1. Errors: `bad-header` (400).
 */
export function parseEvent(octets: Octets): Result<EventType> {
  const value = parseTokenParams(octets, "RFC 6665 §8.2.1");
  if (!value.ok) return value;
  const { token: type, params } = value.value;
  return ok({ type, id: params.get("id"), params: otherParams(params, "id") });
}

/** Throws a RangeError on a type that is no token, and on `id` among the parameters. */
export const formatEvent = ({ type, id, params }: EventType): Octets =>
  formatToken(type) + formatNamedParams([["id", id]], params);

//= RFC 6665 §8.2.1
//# For the purposes of matching NOTIFY requests with SUBSCRIBE requests, the event-type portion of
//# the "Event" header field is compared byte by byte, and the "id" parameter token (if present) is
//# compared byte by byte.
/**
 * Whether two Event headers belong to one subscription. Other parameters do not count.
 * RFC 6665 §8.2.1.
 */
export const sameEvent = (a: EventType, b: EventType): boolean =>
  a.type === b.type && a.id === b.id;
