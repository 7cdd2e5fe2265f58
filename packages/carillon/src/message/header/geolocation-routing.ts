/** Geolocation-Routing. RFC 6442 §4.2. */
import type { Octets } from "../../grammar/octets.ts";
import { formatParam, readParams } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";

/** Whether the location may be used to route the request. RFC 6442 §4.2. */
export interface GeolocationRouting {
  /** `yes`, `no` or another, in lower case. */
  readonly word: string;
  /** Of an extension that has one; empty otherwise. */
  readonly value: Octets;
}

/**
 * `Georouting-header = "Geolocation-Routing" HCOLON ( "yes" / "no" / generic-value )`.
 * RFC 6442 §4.2. Errors: `bad-header` (400).
 */
export function parseGeolocationRouting(octets: Octets): Result<GeolocationRouting> {
  const param = readParams(`;${octets}`, 0, octets.length + 1);
  const [first, ...more] = param ?? [];
  if (!first || more.length > 0) return badHeader("expected yes or no", 0, "RFC 6442 §4.2");
  const [word, value] = first;
  return ok({ word, value });
}

/** Throws a RangeError on a word that is no token. */
export const formatGeolocationRouting = ({ word, value }: GeolocationRouting): Octets =>
  formatParam(word, value).slice(1);

//= RFC 6442 §4.2
//# Implementations not aware of an extension MUST treat any other received value the same as "no".
/** Whether servers on the way may look at the location to find the way. RFC 6442 §4.2. */
export const mayRouteByLocation = ({ word }: GeolocationRouting): boolean => word === "yes";
