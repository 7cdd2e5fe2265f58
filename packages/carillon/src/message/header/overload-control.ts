/** Overload control, in the parameters of a Via. RFC 7339 §4. */
import { parseNumber } from "../../grammar/chars.ts";
import type { Params } from "../../grammar/params.ts";

/** What a Via says about overload. RFC 7339 §4. */
export interface OverloadControl {
  /** In percent to be shed for `loss`; undefined where `oc` stands alone: the peer can do it. */
  readonly oc: number | undefined;
  /** What the peer can do, or the one that was chosen. */
  readonly algorithms: readonly string[];
  /** How long `oc` holds, 500 where it is not said; 0 ends it. RFC 7339 §4.3. */
  readonly validityMs: number;
  /** The later of two has the greater one. */
  readonly seq: string | undefined;
}

/** RFC 7339 §4.3: how long `oc` holds where nothing is said. */
const DEFAULT_VALIDITY_MS = 500;
const MAX = 2 ** 31 - 1;

/**
 * What a Via's parameters say about overload; undefined where there is no `oc`, or one that is no
 * number. RFC 7339 §4.
 */
export function readOverloadControl(params: Params): OverloadControl | undefined {
  const text = params.get("oc");
  const oc = parseNumber(text ?? "", MAX);
  if (text === undefined || (text !== "" && oc === undefined)) return undefined;
  const algorithms = (params.get("oc-algo") ?? "").split(",").map((name) => name.trim());
  return {
    oc,
    algorithms: algorithms.filter((name) => name !== ""),
    validityMs: parseNumber(params.get("oc-validity") ?? "", MAX) ?? DEFAULT_VALIDITY_MS,
    seq: params.get("oc-seq"),
  };
}
