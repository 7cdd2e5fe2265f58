/** `a=tls-id`: whether a DTLS association is the same as before. RFC 8842 §4. */
import { isSdpToken } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/**
 * `a=tls-id`: the same for as long as a DTLS association is. RFC 8842 §4.
 *
 * `tls-id-value = 20*255(tls-id-char)`, letters, digits, `+ / - _`
 */
export const tlsId: AttributeType<string> = valueAttribute({
  name: "tls-id",
  source: "RFC 8842 §4",
  expected: "20 to 255 letters, digits, +, /, - or _",
  read: (text) => (text.length >= 20 && text.length <= 255 && isTlsId(text) ? text : undefined),
  write: String,
});

function isTlsId(text: string): boolean {
  for (const character of text) {
    const isPlain = isSdpToken(character) && !"!#$%&'*.^`{|}~".includes(character);
    if (!isPlain && character !== "/") return false;
  }
  return true;
}
