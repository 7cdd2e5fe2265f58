/** Diversion. RFC 5806 §4. History-Info has taken its place, but not in every network. */
import type { Octets } from "../../grammar/octets.ts";
import { NO_PARAMS } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatNameAddr, type NameAddr } from "../../uri/name-addr.ts";
import { readBracketed } from "./address.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";
import { formatNamedParams, numberParam, otherParams } from "./named-params.ts";

/** Who a call was for before it was diverted, and why. RFC 5806 §4. */
export interface Diversion extends NameAddr {
  /** `user-busy`, `no-answer`, `unconditional` and their like. */
  readonly reason: string | undefined;
  /** How many diversions this entry stands for, 0 to 99. */
  readonly counter: number | undefined;
  /** How many more are allowed, 0 to 99. */
  readonly limit: number | undefined;
  /** Whether this entry may be shown: `full`, `name`, `uri`, `off` or another. */
  readonly privacy: string | undefined;
  /** Whether the diverting number was checked: `yes`, `no` or another. */
  readonly screen: string | undefined;
}

const SOURCE = "RFC 5806 §4";
const NAMES = ["reason", "counter", "limit", "privacy", "screen"] as const;

/**
 * `Diversion = "Diversion" ":" 1# (name-addr *( ";" diversion_params ))`.
 * RFC 5806 §4. Errors (400): `bad-header`, `bad-address`.
 */
export const parseDiversion = (octets: Octets): Result<readonly Diversion[]> =>
  parseList(octets, SOURCE, readDiversion);

function readDiversion(octets: Octets, start: number, end: number): Result<Diversion> {
  const address = readBracketed(octets, start, end, SOURCE);
  if (!address.ok) return address;
  const { displayName, uri, params } = address.value;
  const [counter, limit] = [numberParam(params, "counter", 99), numberParam(params, "limit", 99)];
  if (Number.isNaN(counter) || Number.isNaN(limit)) {
    return badHeader("counter and limit have at most two digits", start, SOURCE);
  }
  const [reason, privacy, screen] = ["reason", "privacy", "screen"].map((n) => params.get(n));
  const others = otherParams(params, ...NAMES);
  return ok({ displayName, uri, reason, counter, limit, privacy, screen, params: others });
}

/**
 * Throws a RangeError on an empty list, on what is no URI, and on a field's name among the
 * parameters.
 */
export const formatDiversion = (values: readonly Diversion[]): Octets =>
  formatList(values, (value) => {
    const named = NAMES.map((name) => [name, value[name]] as const);
    const { displayName, uri, params } = value;
    return (
      formatNameAddr({ displayName, uri, params: NO_PARAMS }) + formatNamedParams(named, params)
    );
  });
