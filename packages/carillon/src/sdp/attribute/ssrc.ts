/** `a=ssrc` and `a=ssrc-group`: what is known of a source of RTP. RFC 5576 §4. */
import { MAX_LIST, MAX_UINT32 } from "../limits.ts";
import { isByteString, isSdpToken, readInteger } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** One thing that is known of a source. RFC 5576 §4.1. */
export interface Ssrc {
  /** The source, 0 to 2**32 - 1. */
  readonly ssrc: number;
  /** cname, msid, previous-ssrc, or another. */
  readonly attribute: string;
  /** UTF-8 in octets, as written; undefined for a name alone. */
  readonly value: string | undefined;
}

/**
 * `a=ssrc`, any number of lines for a source. `ssrc-attr = "ssrc:" ssrc-id SP attribute`.
 * RFC 5576 §4.1.
 */
export const ssrc: AttributeType<Ssrc> = valueAttribute({
  name: "ssrc",
  source: "RFC 5576 §4.1",
  expected: "a number up to 4294967295 and an attribute",
  read: (text) => {
    const space = text.indexOf(" ");
    const id = readInteger(text.slice(0, Math.max(0, space)), 0, MAX_UINT32);
    const colon = text.indexOf(":", space);
    const attribute = text.slice(space + 1, colon < 0 ? text.length : colon);
    const value = colon < 0 ? undefined : text.slice(colon + 1);
    if (id === undefined || !isSdpToken(attribute) || value === "") return undefined;
    if (value !== undefined && !isByteString(value)) return undefined;
    return { ssrc: id, attribute, value };
  },
  write: ({ ssrc: id, attribute, value }) =>
    `${id} ${attribute}${value === undefined ? "" : `:${value}`}`,
});

/** Sources that belong together. RFC 5576 §4.2. */
export interface SsrcGroup {
  /** FID (a stream and its retransmissions), FEC, SIM, or another. */
  readonly semantics: string;
  /** Each 0 to 2**32 - 1, in an order that the semantics give a meaning. */
  readonly ssrcs: readonly number[];
}

/** `a=ssrc-group`: `ssrc-group-attr = "ssrc-group:" semantics *(SP ssrc-id)`. RFC 5576 §4.2. */
export const ssrcGroup: AttributeType<SsrcGroup> = valueAttribute({
  name: "ssrc-group",
  source: "RFC 5576 §4.2",
  expected: "a kind of group and numbers up to 4294967295",
  read: (text) => {
    const [semantics = "", ...words] = text.trimEnd().split(" ", MAX_LIST + 1);
    const ssrcs = words.map((word) => readInteger(word, 0, MAX_UINT32));
    if (!isSdpToken(semantics) || words.length >= MAX_LIST) return undefined;
    return ssrcs.every((id) => id !== undefined) ? { semantics, ssrcs } : undefined;
  },
  write: ({ semantics, ssrcs }) => [semantics, ...ssrcs].join(" "),
});
