/** The status line that a `message/sipfrag` begins with. RFC 3420, RFC 3515 §2.4.5. */
import { isDigits, parseNumber } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { reasonPhrase } from "./reason-phrase.ts";

export const SIPFRAG = "message/sipfrag";

const SOURCE = "RFC 3515 §2.4.5";

/** `SIP/2.0 180 Ringing`, and whatever may follow: the status. Errors: `bad-header` (400). */
export function parseSipfragStatus(fragment: Octets): Result<number> {
  const [version = "", code = ""] = fragment.slice(0, 12).split(" ");
  const status = isDigits(code) && code.length === 3 ? parseNumber(code, 699) : undefined;
  if (version.toUpperCase() !== "SIP/2.0" || status === undefined || status < 100) {
    return bad("bad-header", "expected a status line", 0, SOURCE);
  }
  return ok(status);
}

//= RFC 3515 §2.4.5
//# The body of a NOTIFY MUST begin with a SIP Response Status-Line as defined in [1].
export const formatSipfragStatus = (status: number): Octets =>
  `SIP/2.0 ${status} ${reasonPhrase(status)}\r\n`;
