/** What may stand in a header value: octets without NUL and line ends. RFC 3261 §7.3.1. */
import type { Octets } from "../../grammar/octets.ts";

/** The same octets. Throws a RangeError on NUL, on a line end, and on a character over 255. */
export function oneLine(octets: Octets): Octets {
  for (let i = 0; i < octets.length; i++) {
    const code = octets.charCodeAt(i);
    if (code === 0 || code === 0x0a || code === 0x0d || code > 255) {
      throw new RangeError(`a header value cannot hold character ${code}`);
    }
  }
  return octets;
}
