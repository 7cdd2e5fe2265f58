/** `a=label`: a name for a section, to point at from elsewhere. RFC 4574 §4. */
import { isSdpToken } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** `a=label`: a name for a section, to point at from elsewhere. `pointer = token`. RFC 4574 §4. */
export const label: AttributeType<string> = valueAttribute({
  name: "label",
  source: "RFC 4574 §4",
  expected: "a token",
  read: (text) => (isSdpToken(text) ? text : undefined),
  write: String,
});
