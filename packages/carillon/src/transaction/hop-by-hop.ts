/**
 * The two requests that follow an INVITE to its next hop under the INVITE's own branch: the ACK
 * of a failure (RFC 3261 §17.1.1.3) and the CANCEL (§9.1). Both repeat its headers.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { findOutside } from "../grammar/quoted.ts";
import { parseCSeq } from "../message/cseq.ts";
import type { HeaderName } from "../message/header-name.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";

const COMMA = 0x2c;

/**
 * A request to the same place as `invite`, with its top Via, Routes, From, Call-ID and CSeq
 * number, and with the lines `extra` (each with its line end) before Content-Length.
 *
 * The text is a copy: it outlives the messages it was made of. Throws a RangeError on an INVITE
 * that no client transaction could have sent.
 */
export function composeHopByHop(
  method: "ACK" | "CANCEL",
  invite: Request,
  to: Octets,
  extra: Octets = "",
): Octets {
  const { number } = cseqOf(invite);
  let routes = "";
  for (const route of headerLines(invite, "Route")) routes += `Route: ${route}\r\n`;
  return flat(
    `${method} ${invite.uri} SIP/2.0\r\n` +
      `Via: ${topViaText(invite)}\r\n` +
      routes +
      "Max-Forwards: 70\r\n" +
      `From: ${required(invite, "From")}\r\n` +
      `To: ${to}\r\n` +
      `Call-ID: ${required(invite, "Call-ID")}\r\n` +
      `CSeq: ${number} ${method}\r\n` +
      `${extra}Content-Length: 0\r\n\r\n`,
  );
}

/** The value of a header that every request has. */
export function required(invite: Request, name: HeaderName): Octets {
  const value = header(invite, name);
  if (value === undefined) throw new RangeError(`the INVITE has no ${name}`);
  return value;
}

/** The first element alone, where one line carries several. */
function topViaText(invite: Request): Octets {
  const whole = required(invite, "Via");
  const comma = findOutside(whole, 0, whole.length, COMMA);
  if (comma <= 0) throw new RangeError("the INVITE's Via has no element that ends");
  return whole.slice(0, comma).trimEnd();
}

function cseqOf(invite: Request): { readonly number: number } {
  const cseq = parseCSeq(required(invite, "CSeq"));
  if (!cseq.ok) throw new RangeError(`the INVITE's CSeq: ${cseq.error.message}`);
  return cseq.value;
}
