/**
 * Messages: reading, editing, writing. `carillon/message`. RFC 3261 §7, §20.
 *
 * A message is read in two steps. `parseMessage` (`frame` on a stream) finds out where its headers
 * stand, and keeps the text; a header is read when somebody asks for it, by `readHeader`, or by
 * `readJoined` and `elements` where it may have several values. To change what was received,
 * `splice` edits into its text: what nobody touches stays as it came.
 *
 * Each header has a `parseX`, whose error is `bad-header` (400), or `bad-address`, `bad-via`,
 * `bad-cseq` where it is made of these; and a `formatX`, which writes what the other reads and
 * throws a RangeError on what cannot be written, such as a line end. `HEADERS` has them by name.
 * The names of parameters come in lower case, their values without quotes.
 *
 * ```ts
 * import { composeResponse, header, parseMessage } from "carillon/message";
 * import { parseRetryAfter, readHeader } from "carillon/message";
 *
 * const request = parseMessage("OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\nv: SIP/2.0/UDP pc\r\n\r\n");
 * if (!request.ok) throw new Error(request.error.message);
 * console.log(request.value.kind, header(request.value, "Via")); // Request SIP/2.0/UDP pc
 *
 * const busy = composeResponse(486, [["Retry-After", "120 (in a meeting)"]]);
 * const retry = readHeader(busy, "Retry-After", parseRetryAfter);
 * if (retry.ok) console.log(retry.value?.seconds, retry.value?.comment); // 120 in a meeting
 * ```
 */
export { fromText, type Octets, toText } from "../grammar/octets.ts";
export type { ParseError, Result } from "../grammar/result.ts";
export { composeRequest, composeResponse, type HeaderField } from "./compose.ts";
export { type CSeq, formatCSeq, parseCSeq } from "./cseq.ts";
export { type Essentials, readEssentials } from "./essentials.ts";
export {
  type Frame,
  type Framing,
  frame,
  isWaiting,
  startFraming,
} from "./framing.ts";
export * from "./header/index.ts";
export { compactForm, type HeaderName, KNOWN_HEADERS, type KnownHeader } from "./header-name.ts";
export {
  elementSpans,
  elements,
  hasHeader,
  header,
  headerLines,
  listsToken,
  type Span,
} from "./headers.ts";
export {
  type HeaderIndex,
  type Message,
  parseMessage,
  type Request,
  type Response,
} from "./message.ts";
export { messageLabel, messageLabels } from "./message-label.ts";
export { type BodyPart, formatMultipart, type PartToWrite, parseMultipart } from "./multipart.ts";
export { readHeader, readJoined } from "./read-header.ts";
export { reasonPhrase } from "./reason-phrase.ts";
export { type Abilities, requestOfUri, type UriRequest } from "./request-of-uri.ts";
export { type Edit, splice } from "./splice.ts";
export { topVia, type Via } from "./via.ts";
export { parseWebSocketMessage, webSocketKeepAlive } from "./web-socket-message.ts";
