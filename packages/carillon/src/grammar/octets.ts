/**
 * Octets: a string in which each character code is one byte (0 to 255).
 *
 * Everything on the wire is handled in this form. An offset is a byte count, Content-Length is a
 * length, slicing costs nothing, and V8 stores one byte a character. Text that people read is
 * UTF-8 inside it (RFC 3261 §7.3.1) and is decoded only where somebody looks at it.
 */
export type Octets = string;

const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The bytes of a one-byte string. Throws a RangeError on a character over 255. */
export function toBytes(octets: Octets): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(octets.length);
  for (let i = 0; i < octets.length; i++) {
    const code = octets.charCodeAt(i);
    if (code > 255) throw new RangeError(`not octets: character ${code} at ${i}`);
    bytes[i] = code;
  }
  return bytes;
}

/** A one-byte string of these bytes. */
export function fromBytes(bytes: Uint8Array): Octets {
  let octets = "";
  // In pieces: a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 8192) {
    octets += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return octets;
}

/** Text to octets, as UTF-8. */
export function fromText(text: string): Octets {
  return isAscii(text) ? text : fromBytes(encoder.encode(text));
}

/** Octets to text, as UTF-8; a broken sequence becomes U+FFFD. */
export function toText(octets: Octets): string {
  return isAscii(octets) ? octets : decoder.decode(toBytes(octets));
}

/**
 * A copy that does not keep its parent alive. V8 represents a long slice as a pointer into the
 * string it was cut from, so a 40-byte Contact would pin the 64 KB datagram it came in. Whatever
 * outlives its message goes through here.
 */
export function flat(octets: Octets): Octets {
  // Shorter than V8's minimum for sliced strings (13): already a copy. For a longer one V8 has to
  // write out the sum before it can cut from it, and what is cut holds that sum alone.
  return octets.length < 13 ? octets : ` ${octets}`.slice(1);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
