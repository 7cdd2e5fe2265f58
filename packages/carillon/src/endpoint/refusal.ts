/** Answering what could not be read, where its headers allow it. RFC 3261 §18.3, §16.3. */
import { isSpace, trimEnd } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { fromText } from "../grammar/octets.ts";
import { NO_PARAMS, readParams } from "../grammar/params.ts";
import { findOutside } from "../grammar/quoted.ts";
import type { ParseError } from "../grammar/result.ts";
import type { HeaderField } from "../message/compose.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { findHeader, header, valueSpan } from "../message/headers.ts";
import { parseMessage, type Request } from "../message/message.ts";
import { topVia, type Via } from "../message/via.ts";
import { readHostPort } from "../uri/host.ts";

/** The headers that an answer repeats, in long and compact form. RFC 3261 §8.2.6. */
const ANSWERED_WITH = /^(?:via|v|from|f|to|t|call-id|i|cseq)[ \t]*:/i;

/**
 * The request in a form that can be answered, though something in it was wrong: its start line
 * made harmless, and only the headers kept that an answer repeats. Undefined where not even those
 * can be told apart, and for what is never answered: responses and ACK.
 */
export function answerable(octets: Octets, error: ParseError): Request | undefined {
  if (error.code === "bad-header") return undefined;
  const text = octets.replace(/^(?:\r\n)+/, "");
  const lineEnd = text.indexOf("\r\n");
  // Where only the empty line is missing, every header is whole: `baddn` of RFC 4475 as printed.
  const isWhole = error.code === "no-end" && text.endsWith("\r\n");
  const end = isWhole ? text.length - 2 : text.indexOf("\r\n\r\n");
  //= RFC 3261 §18.3
  //# If the message is a response, it MUST be discarded. If the message is a request, the element
  //# SHOULD generate a 400 (Bad Request) response.
  if (end < lineEnd || /^SIP\//i.test(text)) return undefined;
  const method = /^[A-Za-z]{1,32} /.exec(text)?.[0];
  if (!method || method === "ACK ") return undefined;
  const kept = linesOf(text.slice(lineEnd + 2, end)).filter((line) => ANSWERED_WITH.test(line));
  const headers = kept.map((line) => `${line}\r\n`).join("");
  const message = parseMessage(`${method}sip:refused.invalid SIP/2.0\r\n${headers}\r\n`);
  return message.ok && message.value.kind === "Request" ? message.value : undefined;
}

/** Header lines, each with the lines it is folded into. */
const linesOf = (headers: Octets): readonly Octets[] => headers.split(/\r\n(?![ \t])/);

/**
 * What an answer needs to know of a request whose headers are wrong: with a Via that can be read it
 * finds its way back, and everything else is only repeated.
 */
export function answerableEssentials(request: Request): Essentials | undefined {
  const whole = readEssentials(request);
  if (whole.ok) return whole.value;
  const via = answerableVia(request);
  if (!via) return undefined;
  const nobody = { displayName: "", uri: "", params: NO_PARAMS };
  return {
    via,
    cseq: { number: 0, method: request.method },
    callId: header(request, "Call-ID") ?? "",
    from: nobody,
    to: nobody,
    fromTag: header(request, "From") ?? "",
    toTag: /;[ \t]*tag[ \t]*=/i.test(header(request, "To") ?? "") ? "some" : "",
  };
}

/**
 * The topmost Via, as far as it can be read: an answer finds its way with the sent-by alone, also
 * where the version is another one or the parameters break the grammar.
 */
function answerableVia(request: Request): Via | undefined {
  const whole = topVia(request);
  if (whole.ok) return whole.value;
  const line = findHeader(request, "Via");
  if (line < 0) return undefined;
  const { text } = request;
  const { start, end: lineEnd } = valueSpan(request, line);
  const semicolon = text.indexOf(";", start);
  const paramsStart = trimEnd(text, start, semicolon < 0 ? lineEnd : Math.min(semicolon, lineEnd));
  let host = paramsStart;
  while (host > start && !isSpace(text.charCodeAt(host - 1))) host--;
  const where = readHostPort(text.slice(host, paramsStart));
  if (!where || host === start) return undefined;
  const comma = findOutside(text, paramsStart, lineEnd, COMMA);
  const params = comma < 0 ? undefined : readParams(text, paramsStart, comma);
  const end = params ? comma : paramsStart;
  const branch = params?.get("branch") ?? "";
  return { ...where, transport: "", params: params ?? NO_PARAMS, branch, start, paramsStart, end };
}

const COMMA = 0x2c;

/** The header that says in words what was wrong. RFC 3261 §20.43. */
export const explanation = (product: string, what: string): HeaderField => [
  "Warning",
  warning(product.split("/")[0] || "sip", what),
];

/** Its value alone. */
export const warning = (agent: string, what: string): Octets =>
  `399 ${agent} "${fromText(what).replaceAll(/["\\\r\n\0]/g, "'")}"`;
