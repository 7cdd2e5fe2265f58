/** Responses that this element makes itself. RFC 3261 §8.2.6. */
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { lineSpan } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { reasonPhrase } from "../message/reason-phrase.ts";
import { type Edit, splice } from "../message/splice.ts";

/** A response in the role's words; Via, From, To, Call-ID and CSeq are the request's. */
export interface Reply {
  /** 100 to 699. */
  readonly status: number;
  /** The usual one of the status if left out. RFC 3261 §21. */
  readonly reasonPhrase?: Octets;
  /** Added to To where the request has no tag there. */
  readonly toTag?: string;
  /** Added behind those of the request, in this order. Line ends in values become spaces. */
  readonly headers?: readonly HeaderField[];
  /** Content-Length is written for it; Content-Type belongs into `headers`. */
  readonly body?: Octets;
}

//= RFC 3261 §20
//# A mandatory response header field MUST be present in the response, and the header field MUST be
//# understood by the UAC processing the response.
/** Headers that a response takes over from its request. */
const COPIED = new Set(["Via", "From", "To", "Call-ID", "CSeq"]);

/**
 * The text of a response. `viaEdit` is what the transport layer adds to the topmost Via (received,
 * rport). Values often repeat what a peer wrote, so what would end a line in them becomes a space.
 */
export function composeReply(request: Request, viaEdit: Edit | undefined, reply: Reply): Octets {
  const { status, toTag, headers = [], body = "" } = reply;
  let text = `SIP/2.0 ${status} ${oneLine(reply.reasonPhrase ?? reasonPhrase(status))}\r\n`;
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
    //= RFC 3261 §8.2.6.2
    //# If a request contained a To tag in the request, the To header field in the response MUST
    //# equal that of the request.
    //= RFC 3261 §8.2.6.2
    //# However, if the To header field in the request did not contain a tag, the URI in the To
    //# header field in the response MUST equal the URI in the To header field; additionally, the
    //# UAS MUST add a tag to the To header field in the response (with the exception of the 100
    //# (Trying) response, in which a tag MAY be present).
    else if (name === "To" && toTag && status > 100) {
      text += `${value.slice(0, -2)};tag=${toTag}\r\n`;
    } else text += value;
  }
  for (const [name, value] of headers) text += `${name}: ${oneLine(value)}\r\n`;
  return `${text}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** What would end a line, or a string in another reader's eyes, made a space. */
export const oneLine = (value: Octets): Octets => value.replaceAll(/[\r\n\0]/g, " ");

const shifted = ({ start, end, text }: Edit, by: number): Edit => ({
  start: start - by,
  end: end - by,
  text,
});
