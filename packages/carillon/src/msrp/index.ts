/**
 * MSRP: messages and files of any size over connections of their own: `carillon/msrp`. RFC 4975,
 * RFC 4976, RFC 5547, RFC 7977.
 *
 * `frame`, `readHead` and `formatHead` are the protocol on the wire; `sending`, `arriving` and
 * `binding` are its pure machines, each a namespace with `start`, `step` and `deadline`.
 *
 * ```ts
 * import { frame, startFraming } from "carillon/msrp";
 *
 * const text = [
 *   "MSRP d93kswow SEND",
 *   "To-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp",
 *   "From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp",
 *   "Message-ID: 12339sdqwer",
 *   "Byte-Range: 1-16/16",
 *   "Content-Type: text/plain",
 *   "",
 *   "Hi, I'm Alice!\r\n",
 *   "-------d93kswow$\r\n",
 * ].join("\r\n");
 * const [, ...frames] = frame(startFraming, new TextEncoder().encode(text));
 * console.log(frames.map(({ kind }) => kind).join(" ")); // Head Octets End
 * ```
 */
export type { FileReference } from "../documents/file-reference.ts";
export type { Octets } from "../grammar/octets.ts";
export type { ParseError, Result } from "../grammar/result.ts";
/** A message that comes in, in chunks. RFC 4975 §7.3.1. */
export * as arriving from "./arriving.ts";
/** Which connection a session lives on. RFC 4975 §5.4. */
export * as binding from "./binding.ts";
export { type ByteRange, formatByteRange, parseByteRange, type Span } from "./byte-range.ts";
export type { BodyTaker, ConnectionUser, MsrpConnection } from "./connection.ts";
export {
  type AskedFile,
  askedFiles,
  type FetchFileOptions,
  fetchFile,
  type WantedFile,
} from "./fetch-file.ts";
export { safeName } from "./file-description.ts";
export type {
  FileSource,
  FileTransfer,
  SendFile,
  SendFileOptions,
} from "./file-transfer.ts";
export { type Framing, frame, isWithin, type MsrpFrame, startFraming } from "./framing.ts";
export type { MsrpHost, MsrpLink, MsrpLinkUser, MsrpWorld, OwnPlace } from "./link.ts";
export {
  type Continuation,
  endLine,
  formatHead,
  type MsrpHead,
  type MsrpHeader,
  type MsrpRequest,
  type MsrpResponse,
  msrpHeader,
  parseStartLine,
  parseStatus,
  type Reported,
  type Reporting,
  type ReportStatus,
  rangeOf,
  readHead,
  reportingOf,
  reportOn,
  responseTo,
  type StartLine,
} from "./message.ts";
export type { RelayUse } from "./message-end.ts";
export type { MessageMedia, MessageTerms, Said } from "./message-media.ts";
export type { MessageCall } from "./message-sessions.ts";
export { type MessageSessionsOptions, messageSessions } from "./message-sessions.ts";
export {
  formatMsrpUri,
  formatPath,
  type MsrpUri,
  parseMsrpUri,
  parsePath,
  sameMsrpUri,
} from "./msrp-uri.ts";
export { msrpPictures } from "./pictures.ts";
export {
  type FileSink,
  type OfferedFile,
  type ReceiveFilesOptions,
  receiveFiles,
  type TakeFileOptions,
} from "./receive-files.ts";
export { Relay, type RelayOptions, type RelayVerdict } from "./relay.ts";
export type { RelayCredentials } from "./relay-client.ts";
export { sendFile } from "./send-file.ts";
/** A message on its way out, in chunks. RFC 4975 §7.1.1. */
export * as sending from "./sending.ts";
export { Switchboard } from "./switchboard.ts";
export { isTaken, type TakenTypes } from "./taken.ts";
export {
  incomingMessages,
  type MessageSession,
  type MessageSessionOptions,
  type OfferedMessages,
  openMessages,
  type SessionMessage,
} from "./talk-session.ts";
