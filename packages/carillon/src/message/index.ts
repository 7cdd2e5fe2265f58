/** Messages: reading, editing, writing. `carillon/message`. */
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
export { type Message, parseMessage, type Request, type Response } from "./message.ts";
export { messageLabel, messageLabels } from "./message-label.ts";
export { type BodyPart, formatMultipart, type PartToWrite, parseMultipart } from "./multipart.ts";
export { readHeader, readJoined } from "./read-header.ts";
export { reasonPhrase } from "./reason-phrase.ts";
export { type Abilities, requestOfUri, type UriRequest } from "./request-of-uri.ts";
export { type Edit, splice } from "./splice.ts";
export { topVia, type Via } from "./via.ts";
export { parseWebSocketMessage, webSocketKeepAlive } from "./web-socket-message.ts";
