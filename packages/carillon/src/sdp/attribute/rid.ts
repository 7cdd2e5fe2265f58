/** `a=rid`: one encoding of a stream and what limits it. RFC 8851 §4, §10. */
import { isRidId, isSdpToken, splitList } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** One encoding of a source. RFC 8851 §4. */
export interface Rid {
  /** Letters, digits, `-` and `_`; unique in its section. */
  readonly id: string;
  /** As the end that says it sees it. */
  readonly direction: "send" | "recv";
  /** Formats it may use; none: any of the section. */
  readonly formats: readonly string[];
  /** max-width, max-height, max-fps, max-fs, max-br, max-pps, max-bpp, depend, or others. */
  readonly params: readonly RidParam[];
}

/** One restriction. RFC 8851 §5. */
export interface RidParam {
  /** Letters, digits and `-`, each name once. */
  readonly name: string;
  /** As written; undefined for a name alone. */
  readonly value: string | undefined;
}

/**
 * `a=rid`, one line for each encoding. RFC 8851 §10.
 *
 * `rid-syntax = %s"a=rid:" rid-id SP rid-dir [ rid-pt-param-list / rid-param-list ]`
 */
export const rid: AttributeType<Rid> = valueAttribute({
  name: "rid",
  source: "RFC 8851 §10",
  expected: "an identifier, send or recv, and parameters",
  read: (text) => {
    const [id = "", direction, list, ...rest] = text.trimEnd().split(" ", 4);
    if (!isRidId(id) || (direction !== "send" && direction !== "recv")) return undefined;
    if (rest.length > 0) return undefined;
    const params = list === undefined ? [] : readParams(list);
    if (!params) return undefined;
    const formats = params[0]?.name === "pt" ? (splitList(params[0].value ?? "", ",") ?? [""]) : [];
    if (!formats.every(isSdpToken)) return undefined;
    const others = formats.length > 0 ? params.slice(1) : params;
    return others.some(({ name }) => name === "pt")
      ? undefined
      : { id, direction, formats, params: others };
  },
  write: ({ id, direction, formats, params }) => {
    const all = [
      ...(formats.length > 0 ? [`pt=${formats.join(",")}`] : []),
      ...params.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)),
    ];
    return [id, direction, ...(all.length > 0 ? [all.join(";")] : [])].join(" ");
  },
});

function readParams(text: string): readonly RidParam[] | undefined {
  const seen = new Set<string>();
  const params: RidParam[] = [];
  for (const element of splitList(text, ";") ?? [""]) {
    const equal = element.indexOf("=");
    const name = equal < 0 ? element : element.slice(0, equal);
    //= RFC 8851 §10
    //# rid-param-other = 1*(alpha-numeric / "-") [ "=" param-val ]
    if (!isRidId(name) || name.includes("_") || seen.has(name)) return undefined;
    seen.add(name);
    params.push({ name, value: equal < 0 ? undefined : element.slice(equal + 1) });
  }
  return params;
}
