/** What a registrar's answer says about time. RFC 3261 §10.2.4, §10.2.8. */
import { parseNumber } from "../grammar/chars.ts";
import { MAX_EXPIRES } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { elements, header } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { parseNameAddr } from "../uri/name-addr.ts";

/**
 * For how long it knows this contact now, which is `<sip:…>` with or without more; undefined if it
 * does not say. One that writes it in another way (Asterisk puts where the REGISTER came from in
 * its place) gives nobody longer than who has just been there.
 */
export function grantedSeconds(response: Response, contact: Octets): number | undefined {
  const all = elements(response, "Contact");
  let longest: number | undefined;
  for (const text of all.ok ? all.value : []) {
    const one = parseNameAddr(text);
    if (!one.ok) continue;
    const expires = seconds(one.value.params.get("expires"));
    if (expires === undefined) continue;
    if (contact.includes(`<${one.value.uri}>`)) return expires;
    longest = Math.max(longest ?? 0, expires);
  }
  return seconds(header(response, "Expires")) ?? longest;
}

/** The shortest time that it registers for. */
export const minimumSeconds = (response: Response): number | undefined =>
  seconds(header(response, "Min-Expires"));

/** `Retry-After = 1*DIGIT [ comment ] *( SEMI retry-param )` */
export const retryAfterSeconds = (response: Response): number | undefined =>
  seconds(/^\d+/.exec(header(response, "Retry-After") ?? "")?.[0]);

const seconds = (text = ""): number | undefined => parseNumber(text, MAX_EXPIRES);
