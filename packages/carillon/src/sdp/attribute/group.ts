/** `a=mid` and `a=group` (RFC 5888 §4, §5), `a=bundle-only` (RFC 8843 §6). */
import { MAX_LIST } from "../limits.ts";
import { isSdpToken } from "../sdp-chars.ts";
import { type AttributeType, flagAttribute, valueAttribute } from "./attribute-type.ts";

/**
 * `a=mid`: a section's identification tag, unique in a description. `identification-tag = token`.
 * RFC 5888 §4.
 */
export const mid: AttributeType<string> = valueAttribute({
  name: "mid",
  source: "RFC 5888 §4",
  expected: "a token",
  read: (text) => (isSdpToken(text) ? text : undefined),
  write: String,
});

/** Media sections that belong together. RFC 5888 §5. */
export interface Group {
  /** BUNDLE, LS, FID, or another. */
  readonly semantics: string;
  /** Identification tags. Of a BUNDLE group the first suggests whose transport is used. */
  readonly tags: readonly string[];
}

/**
 * `a=group`, of the session, one line for each. RFC 5888 §5.
 *
 * `group-attribute = "a=group:" semantics *(SP identification-tag)`
 */
export const group: AttributeType<Group> = valueAttribute({
  name: "group",
  source: "RFC 5888 §5",
  expected: "a kind of group and identification tags",
  read: (text) => {
    const [semantics = "", ...tags] = text.trimEnd().split(" ", MAX_LIST + 1);
    if (!isSdpToken(semantics) || !tags.every(isSdpToken)) return undefined;
    return tags.length < MAX_LIST ? { semantics, tags } : undefined;
  },
  write: ({ semantics, tags }) => [semantics, ...tags].join(" "),
});

/** `a=bundle-only`: wanted within its BUNDLE group or not at all. RFC 8843 §6. */
export const bundleOnly: AttributeType<true> = flagAttribute("bundle-only", "RFC 8843 §6");
