/** MSRP requests and responses without their bodies: read and written. RFC 4975 §7, §9. */
import { isAlphanum, parseNumber } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { type ByteRange, formatByteRange, parseByteRange } from "./byte-range.ts";
import { MAX_HEADERS } from "./limits.ts";
import { formatPath, type MsrpUri, parsePath } from "./msrp-uri.ts";

/** A header field beside the paths: name and value. */
export type MsrpHeader = readonly [name: Octets, value: Octets];

interface Parts {
  /** 4 to 32 characters: names the transaction on its connection, and ends the message. */
  readonly transactionId: Octets;
  /** To whom, the next hop first; at least one. */
  readonly toPath: readonly MsrpUri[];
  /** From whom, the last hop first; at least one. */
  readonly fromPath: readonly MsrpUri[];
  /** All but the paths and Content-Type, in order. */
  readonly headers: readonly MsrpHeader[];
}

/** A request without its body. RFC 4975 §7.1. */
export interface MsrpRequest extends Parts {
  /** What it is. */
  readonly kind: "Request";
  /** `SEND`, `REPORT`, `AUTH`, or another in capitals. */
  readonly method: Octets;
  /** Of its body; undefined without one. */
  readonly contentType: Octets | undefined;
}

/** A response. It has no body. RFC 4975 §7.2. */
export interface MsrpResponse extends Parts {
  /** What it is. */
  readonly kind: "Response";
  /** 200, 400, … RFC 4975 §10. */
  readonly status: number;
  /** Words for people; may be empty. */
  readonly comment: Octets;
}

/** What opens a message on a connection. */
export type MsrpHead = MsrpRequest | MsrpResponse;

/** After the last octet: the message is whole, goes on in another chunk, or is given up. */
export type Continuation = "$" | "+" | "#";

const CRLF = "\r\n";
const START = "MSRP ";

/** The value of the first header of this name; undefined if there is none. */
export function msrpHeader({ headers }: Pick<Parts, "headers">, name: string): Octets | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([other]) => other.toLowerCase() === wanted)?.[1];
}

/** `ident = ALPHANUM 3*31ident-char`. RFC 4975 §9. */
export function isIdent(text: string): boolean {
  if (text.length < 4 || text.length > 32 || !isAlphanum(text, 0, 1)) return false;
  for (let i = 1; i < text.length; i++) {
    if (!isAlphanum(text, i, i + 1) && !".-+%=".includes(text.charAt(i))) return false;
  }
  return true;
}

/** What a start line says. `MSRP d93kswow SEND`, `MSRP d93kswow 200 OK`. */
export type StartLine =
  | { readonly kind: "Request"; readonly transactionId: Octets; readonly method: Octets }
  | {
      readonly kind: "Response";
      readonly transactionId: Octets;
      readonly status: number;
      readonly comment: Octets;
    };

/** Reads a start line without its CRLF; undefined where it is none. RFC 4975 §9. */
export function parseStartLine(line: Octets): StartLine | undefined {
  if (!line.startsWith(START)) return undefined;
  const space = line.indexOf(" ", START.length);
  if (space < 0) return undefined;
  const transactionId = line.slice(START.length, space);
  if (!isIdent(transactionId)) return undefined;
  const rest = line.slice(space + 1);
  const code = rest.slice(0, 3);
  const status = code.length === 3 ? parseNumber(code, 999) : undefined;
  if (status !== undefined && (rest.length === 3 || rest[3] === " ")) {
    return { kind: "Response", transactionId, status, comment: rest.slice(4) };
  }
  return isMethod(rest) ? { kind: "Request", transactionId, method: rest } : undefined;
}

/** `other-method = 1*UPALPHA` */
function isMethod(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x41 || code > 0x5a) return false;
  }
  return text !== "" && text.length <= 32;
}

/**
 * A head from its start line and its header lines, each without CRLF. Errors: `bad-msrp` (400).
 * RFC 4975 §9.
 */
export function readHead(start: StartLine, lines: readonly Octets[]): Result<MsrpHead> {
  const [to = "", from = "", ...rest] = lines;
  const toPath = parsePath(ofHeader(to, "to-path") ?? "");
  const fromPath = parsePath(ofHeader(from, "from-path") ?? "");
  if (!toPath) return wrong("To-Path comes first, with MSRP URIs");
  if (!fromPath) return wrong("From-Path comes second, with MSRP URIs");
  if (rest.length > MAX_HEADERS) return wrong(`more than ${MAX_HEADERS} header fields`);
  const headers: MsrpHeader[] = [];
  let contentType: Octets | undefined;
  for (const line of rest) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const value = line.slice(colon + 1).trim();
    const lower = name.toLowerCase();
    // Two readers that take another one of two paths see two different messages.
    if (!isName(name) || lower === "to-path" || lower === "from-path")
      return wrong("a header field");
    if (lower !== "content-type") headers.push([name, value]);
    else if (contentType === undefined) contentType = value;
    else return wrong("a second Content-Type");
  }
  const parts = { transactionId: start.transactionId, toPath, fromPath, headers };
  if (start.kind === "Request") {
    return ok({ ...parts, kind: "Request", method: start.method, contentType });
  }
  return ok({ ...parts, kind: "Response", status: start.status, comment: start.comment });
}

function ofHeader(line: Octets, name: string): Octets | undefined {
  const colon = line.indexOf(":");
  return line.slice(0, Math.max(0, colon)).toLowerCase() === name
    ? line.slice(colon + 1)
    : undefined;
}

/** `hname = ALPHA *token` */
function isName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === 0x3a) return false;
  }
  return name !== "";
}

const wrong = (what: string) => bad("bad-msrp", what, 0, "RFC 4975 §9");

/**
 * The head as it is sent, byte for byte: with the empty line where a body follows. Throws a
 * RangeError on a line end or a control character in a value. RFC 4975 §7.1, §7.2.
 */
export function formatHead(head: MsrpHead): Octets {
  const { transactionId, toPath, fromPath, headers } = head;
  const what =
    head.kind === "Request" ? head.method : `${head.status}${head.comment && ` ${head.comment}`}`;
  const lines = [
    `${START}${transactionId} ${what}`,
    `To-Path: ${formatPath(toPath)}`,
    `From-Path: ${formatPath(fromPath)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  //= RFC 4975 §7.1
  //# The Content-Type header field MUST be the last field in the message header section. The body
  //# MUST be separated from the header fields with an extra CRLF.
  const hasBody = head.kind === "Request" && head.contentType !== undefined;
  if (hasBody) lines.push(`Content-Type: ${head.contentType}`);
  for (const line of lines) checkLine(line);
  return lines.join(CRLF) + CRLF + (hasBody ? CRLF : "");
}

function checkLine(line: string): void {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code > 0xff || code === 0x7f) {
      throw new RangeError(`a header of MSRP cannot hold this: ${JSON.stringify(line)}`);
    }
  }
}

/**
 * What ends a message: with `afterBody` the CRLF before it, too, which is not part of the body.
 * RFC 4975 §7.1.
 */
export const endLine = (id: Octets, flag: Continuation, afterBody: boolean): Octets =>
  //= RFC 4975 §7.1
  //# The end-line that terminates the request MUST be composed of seven "-" (minus sign)
  //# characters, the transaction ID as used in the start line, and a flag character. If a body is
  //# present, the end-line MUST be preceded by a CRLF that is not part of the body.
  `${afterBody ? CRLF : ""}-------${id}${flag}${CRLF}`;

/** A response to a request, as it is sent. RFC 4975 §7.2. */
export function responseTo(
  request: MsrpRequest,
  status: number,
  comment: Octets = "",
): MsrpResponse {
  const { method, transactionId, fromPath, toPath } = request;
  //= RFC 4975 §7.2
  //# If the request triggering the response was a SEND request, the To-Path header field is formed
  //# by copying the first (leftmost) URI in the From-Path header field of the request.
  const back = method === "SEND" ? fromPath.slice(0, 1) : fromPath;
  const said = comment || COMMENTS[status] || "";
  const headers: readonly MsrpHeader[] = [];
  const own = toPath.slice(0, 1);
  //= RFC 4975 §7.2
  //# The transaction identifier in the response start line MUST match the transaction identifier
  //# from the original request.
  return {
    kind: "Response",
    transactionId,
    toPath: back,
    fromPath: own,
    headers,
    status,
    comment: said,
  };
}

const COMMENTS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  408: "Timeout",
  413: "Stop Sending",
  415: "Unsupported Media Type",
  423: "Interval Out-of-Bounds",
  481: "No Such Session",
  501: "Unknown Method",
  506: "Session Already In Use",
};

/** Which reports a SEND asks for. RFC 4975 §7.1.1. */
export interface Reporting {
  /** A report once the message has arrived. */
  readonly success: boolean;
  /** `yes`: a response at once, and a report of what failed; `partial`: failures alone. */
  readonly failure: "yes" | "no" | "partial";
}

/** What a SEND says of reports; undefined where one of the two says nothing that is defined. */
export function reportingOf(request: Pick<Parts, "headers">): Reporting | undefined {
  //= RFC 4975 §7.1.1
  //# If no Success-Report header field is present in a SEND request, it MUST be treated the same as
  //# a Success-Report header field with a value of "no". If no Failure-Report header field is
  //# present, it MUST be treated the same as a Failure-Report header field with a value of "yes".
  const success = (msrpHeader(request, "Success-Report") ?? "no").toLowerCase();
  const failure = (msrpHeader(request, "Failure-Report") ?? "yes").toLowerCase();
  if (success !== "yes" && success !== "no") return undefined;
  if (failure !== "yes" && failure !== "no" && failure !== "partial") return undefined;
  return { success: success === "yes", failure };
}

/** What a REPORT says: `Status: 000 200 OK`. */
export interface ReportStatus {
  /** `000`: the code is that of a response. */
  readonly namespace: string;
  /** 200, or why not. */
  readonly code: number;
  /** Words for people. */
  readonly comment: Octets;
}

/** `Status = "Status:" SP namespace SP status-code [SP comment]`. RFC 4975 §9. */
export function parseStatus(text: Octets): ReportStatus | undefined {
  const namespace = text.slice(0, 3);
  const code = text.slice(4, 7);
  if (parseNumber(namespace, 999) === undefined || namespace.length !== 3) return undefined;
  const status = code.length === 3 ? parseNumber(code, 999) : undefined;
  if (text[3] !== " " || status === undefined) return undefined;
  if (text.length > 7 && text[7] !== " ") return undefined;
  return { namespace, code: status, comment: text.slice(8) };
}

/** The range that a request tells; `"bad"` where it breaks the grammar, undefined without one. */
export function rangeOf(request: Pick<Parts, "headers">): ByteRange | "bad" | undefined {
  const text = msrpHeader(request, "Byte-Range");
  return text === undefined ? undefined : (parseByteRange(text) ?? "bad");
}

/** What a report is about. */
export interface Reported {
  /** Of the message. */
  readonly messageId: Octets;
  /** Which of its octets. */
  readonly range: ByteRange;
  /** 200, or why not. */
  readonly status: number;
}

/** A report on a message that came by `request`. RFC 4975 §7.1.2, §7.1.3. */
export function reportOn(
  request: Pick<MsrpRequest, "fromPath">,
  own: MsrpUri,
  transactionId: Octets,
  { messageId, range, status }: Reported,
): MsrpRequest {
  //= RFC 4975 §7.1.2
  //# REPORT requests MUST contain the Message-ID header field from the original SEND request.
  //= RFC 4975 §7.1.2
  //# REPORT requests are similar to SEND requests, except that report requests MUST NOT include
  //# Success-Report or Failure-Report header fields, and MUST contain a Status header field.
  const headers: readonly MsrpHeader[] = [
    ["Message-ID", messageId],
    ["Byte-Range", formatByteRange(range)],
    ["Status", `000 ${status} ${COMMENTS[status] ?? "Failed"}`],
  ];
  //= RFC 4975 §7.1.3
  //# When generating a REPORT request, the endpoint inserts a To-Path header field containing the
  //# From-Path value from the original request, and a From-Path header field containing the URI
  //# identifying itself in the session.
  const [toPath, fromPath] = [request.fromPath, [own]];
  return {
    kind: "Request",
    method: "REPORT",
    transactionId,
    toPath,
    fromPath,
    headers,
    contentType: undefined,
  };
}
