/** `a=ptime` and `a=maxptime`: milliseconds of media in a packet. RFC 8866 §6.4, §6.5. */
import { isDecimal } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/**
 * `a=ptime`: milliseconds of media that its writer would like in a packet. `ptime-value =
 * non-zero-int-or-real`. RFC 8866 §6.4.
 */
export const ptime: AttributeType<number> = time("ptime", "RFC 8866 §6.4");

/**
 * `a=maxptime`: milliseconds of media, the most in a packet. `maxptime-value =
 * non-zero-int-or-real`. RFC 8866 §6.5.
 */
export const maxptime: AttributeType<number> = time("maxptime", "RFC 8866 §6.5");

function time(name: string, source: string): AttributeType<number> {
  return valueAttribute({
    name,
    source,
    expected: "milliseconds over zero",
    read: (text) => {
      const value = text.trimEnd();
      //= RFC 3264 §5.1
      //# The ptime attribute MUST be greater than zero.
      return isDecimal(value) && Number(value) > 0 ? Number(value) : undefined;
    },
    write: String,
  });
}
