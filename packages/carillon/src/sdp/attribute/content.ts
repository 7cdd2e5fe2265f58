/** `a=content`: what a section shows: slides, speaker, sl, main, alt. RFC 4796 §5. */
import { isSdpToken, splitList } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/**
 * `a=content`: what a section shows: `slides`, `speaker`, `sl`, `main`, `alt`. `mediacnt-tag =
 * mediacnt *("," mediacnt)`. RFC 4796 §5.
 */
export const content: AttributeType<readonly string[]> = valueAttribute({
  name: "content",
  source: "RFC 4796 §5",
  expected: "tokens with commas",
  read: (text) => {
    const tags = splitList(text, ",");
    return tags?.every(isSdpToken) ? tags : undefined;
  },
  write: (tags) => tags.join(","),
});
