/** History-Info. RFC 7044 §5. */
import { isDigits } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { NO_PARAMS, type Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatNameAddr, type NameAddr } from "../../uri/name-addr.ts";
import { readBracketed } from "./address.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/** One address that a request was sent to on its way. RFC 7044 §5. */
export interface HistoryEntry extends NameAddr {
  /** Where in the tree of retargetings this is: `1`, `1.1`, `1.2`. */
  readonly index: string;
  /** How it came here: from which entry, and by what kind of retargeting. */
  readonly target: { readonly kind: "rc" | "mp" | "np"; readonly index: string } | undefined;
}

const SOURCE = "RFC 7044 §5";
const KINDS = ["rc", "mp", "np"] as const;

/**
 * `History-Info = "History-Info" HCOLON hi-entry *(COMMA hi-entry)`.
 * RFC 7044 §5. Errors (400): `bad-header`, `bad-address`.
 */
export const parseHistoryInfo = (octets: Octets): Result<readonly HistoryEntry[]> =>
  parseList(octets, SOURCE, readEntry);

/** `hi-entry = hi-targeted-to-uri *(SEMI hi-param)` */
function readEntry(octets: Octets, start: number, end: number): Result<HistoryEntry> {
  const address = readBracketed(octets, start, end, SOURCE);
  if (!address.ok) return address;
  const { displayName, uri, params } = address.value;
  const index = params.get("index") ?? "";
  const target = readTarget(params);
  if (!isIndex(index)) return badHeader("expected an index such as 1.1", start, SOURCE);
  if (target && !isIndex(target.index)) return badHeader(`a bad ${target.kind}`, start, SOURCE);
  const others = otherParams(params, "index", ...(target ? [target.kind] : []));
  return ok({ displayName, uri, index, target, params: others });
}

function readTarget(params: Params): HistoryEntry["target"] {
  const kind = KINDS.find((name) => params.has(name));
  return kind && { kind, index: params.get(kind) ?? "" };
}

/** `index-val = number *("." number)` */
const isIndex = (text: string): boolean => text.split(".").every((number) => isDigits(number));

/**
 * Throws a RangeError on an empty list, an index that is none, what is no URI, and on `index` or
 * the target's kind among the parameters.
 */
export const formatHistoryInfo = (entries: readonly HistoryEntry[]): Octets =>
  formatList(entries, ({ displayName, uri, index, target, params }) => {
    if (!isIndex(index)) throw new RangeError(`not an index: ${JSON.stringify(index)}`);
    const named = formatNamedParams(
      [
        ["index", index],
        [target?.kind ?? "rc", target?.index],
      ],
      params,
    );
    return formatNameAddr({ displayName, uri, params: NO_PARAMS }) + named;
  });
