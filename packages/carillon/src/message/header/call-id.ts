/** Call-ID. RFC 3261 §20.8. */
import { isAlphanum, trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";

/** `Call-ID = ( "Call-ID" / "i" ) HCOLON callid`. RFC 3261 §20.8. Errors: `bad-header` (400). */
export const parseCallId = (octets: Octets): Result<Octets> => readCallId(octets, "RFC 3261 §20.8");

export function readCallId(octets: Octets, source: string): Result<Octets> {
  const text = trimmed(octets, 0, octets.length);
  return isCallId(text) ? ok(text) : badHeader("expected a Call-ID", 0, source);
}

/** Throws a RangeError on what is none. */
export function formatCallId(callId: Octets): Octets {
  if (!isCallId(callId)) throw new RangeError(`not a Call-ID: ${JSON.stringify(callId)}`);
  return callId;
}

/** `word` beyond letters and digits. */
const WORD = "-.!%*_+`'~()<>:\\\"/[]?{}";

/** `callid = word [ "@" word ]` */
function isCallId(text: Octets): boolean {
  const at = text.indexOf("@");
  return at < 0 ? isWord(text) : isWord(text.slice(0, at)) && isWord(text.slice(at + 1));
}

function isWord(text: Octets): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!isAlphanum(text, i, i + 1) && !WORD.includes(text[i] ?? " ")) return false;
  }
  return text.length > 0;
}
