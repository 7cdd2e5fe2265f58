/** Parameters that a header gives a field of its own, beside the others that are only kept. */
import { parseNumber } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { formatParam, formatParams, NO_PARAMS, type Params } from "../../grammar/params.ts";
import { quote } from "../../grammar/quoted.ts";

/** The parameters without those of these names. */
export function otherParams(params: Params, ...names: readonly string[]): Params {
  const others = new Map(params);
  for (const name of names) others.delete(name);
  return others.size === 0 ? NO_PARAMS : others;
}

/** A number; undefined where there is no such parameter, NaN where it is no number up to `max`. */
export function numberParam(params: Params, name: string, max: number): number | undefined {
  const text = params.get(name);
  return text === undefined ? undefined : (parseNumber(text, max) ?? Number.NaN);
}

/**
 * What a parameter is written from: undefined leaves it out, true writes the name alone, and
 * `quoted` makes a quoted string of what would do as a token.
 */
export type NamedParam = readonly [
  name: string,
  value: Octets | number | boolean | undefined,
  form?: "quoted",
];

/** Writes the named parameters, then the others. Throws a RangeError where both say the same. */
export function formatNamedParams(named: readonly NamedParam[], others: Params): Octets {
  let text = "";
  for (const [name, value, form] of named) {
    if (others.has(name)) throw new RangeError(`${name} has a field of its own`);
    if (value === undefined || value === false) continue;
    if (value === true) text += `;${name}`;
    else if (form === "quoted") text += `;${name}=${quote(String(value))}`;
    else text += formatParam(name, String(value));
  }
  return text + formatParams(others);
}
