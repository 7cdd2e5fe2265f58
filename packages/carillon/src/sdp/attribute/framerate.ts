/** `a=framerate`: the most frames a second. RFC 8866 §6.13. */
import { isDecimal } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/**
 * `a=framerate`: the most frames a second. `framerate-value = non-zero-int-or-real`.
 * RFC 8866 §6.13.
 */
export const framerate: AttributeType<number> = valueAttribute({
  name: "framerate",
  source: "RFC 8866 §6.13",
  expected: "frames a second, over zero",
  read: (text) => (isDecimal(text) && Number(text) > 0 ? Number(text) : undefined),
  write: String,
});
