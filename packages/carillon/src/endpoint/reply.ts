/** Responses that this element makes itself. RFC 3261 §8.2.6. */
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { plain } from "../message/compose.ts";
import { lineSpan } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { reasonPhrase } from "../message/reason-phrase.ts";
import { type Edit, splice } from "../message/splice.ts";

export interface Reply {
  readonly status: number;
  readonly reasonPhrase?: Octets;
  /** Added to To where the request has no tag there. */
  readonly toTag?: string;
  readonly headers?: readonly HeaderField[];
  readonly body?: Octets;
}

/** Headers that a response takes over from its request. */
const COPIED = new Set(["Via", "From", "To", "Call-ID", "CSeq"]);

/**
 * The text of a response. `viaEdit` is what the transport layer adds to the topmost Via (received,
 * rport). Throws a RangeError if a value holds a line end.
 */
export function composeReply(request: Request, viaEdit: Edit | undefined, reply: Reply): Octets {
  const { status, toTag, headers = [], body = "" } = reply;
  let text = `SIP/2.0 ${status} ${plain(reply.reasonPhrase ?? reasonPhrase(status))}\r\n`;
  //= RFC 3261 §8.2.6.2
  //# The From field of the response MUST equal the From header field of the request.
  //= RFC 3261 §8.2.6.2
  //# The Call-ID header field of the response MUST equal the Call-ID header field of the request.
  //= RFC 3261 §8.2.6.2
  //# The CSeq header field of the response MUST equal the CSeq field of the request.
  //= RFC 3261 §8.2.6.2
  //# The Via header field values in the response MUST equal the Via header field values in the
  //# request and MUST maintain the same ordering.
  for (const [line, name] of request.headers.names.entries()) {
    if (!COPIED.has(name)) continue;
    const { start, end } = lineSpan(request, line);
    const edited = viaEdit && viaEdit.start >= start && viaEdit.start < end;
    const value = request.text.slice(start, end);
    if (edited) text += splice(value, [shifted(viaEdit, start)]);
    else if (name === "To" && toTag) text += `${value.slice(0, -2)};tag=${toTag}\r\n`;
    else text += value;
  }
  for (const [name, value] of headers) text += `${name}: ${plain(value)}\r\n`;
  return `${text}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const shifted = ({ start, end, text }: Edit, by: number): Edit => ({
  start: start - by,
  end: end - by,
  text,
});
