/** Resource-Priority. RFC 4412 §3.1. */
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList, type ReadElement } from "./list.ts";
import { formatToken, parseToken } from "./token.ts";

/** What a value says, such as `dsn.flash`: compared regardless of case. RFC 4412 §3.1. */
export interface ResourceValue {
  /** What stands before the dot: `dsn`, `ets`, `wps`, … As written, without a dot of its own. */
  readonly namespace: string;
  /** What stands behind it: `flash`, `0`, … As written, without a dot of its own. */
  readonly priority: string;
}

const SOURCE = "RFC 4412 §3.1";

/**
 * `Resource-Priority = "Resource-Priority" HCOLON r-value *(COMMA r-value)`.
 * RFC 4412 §3.1. Errors: `bad-header` (400).
 */
export const parseResourcePriority = (octets: Octets): Result<readonly ResourceValue[]> =>
  parseList(octets, SOURCE, readResourceValue);

/** Throws a RangeError on an empty list, on what is no token, and on a dot in it. */
export const formatResourcePriority = (values: readonly ResourceValue[]): Octets =>
  formatList(values, formatResourceValue);

/** `r-value = namespace "." r-priority`, both without a further dot. */
export const readResourceValue: ReadElement<ResourceValue> = (octets, start, end) => {
  const token = parseToken(octets.slice(start, end), SOURCE);
  if (!token.ok) return token;
  const [namespace = "", priority = "", ...more] = token.value.split(".");
  if (namespace === "" || priority === "" || more.length > 0) {
    return badHeader("expected namespace.priority", start, SOURCE);
  }
  return ok({ namespace, priority });
};

/** `namespace.priority`. Throws a RangeError on what is no token, and on a dot in it. */
export function formatResourceValue({ namespace, priority }: ResourceValue): Octets {
  if (`${namespace}${priority}`.includes(".")) throw new RangeError("a dot too many");
  return `${formatToken(namespace)}.${formatToken(priority)}`;
}
