/**
 * MSRP: messages and files of any size over connections of their own: `carillon/msrp`. RFC 4975,
 * RFC 4976, RFC 5547, RFC 7977.
 *
 * `messageSessions` gives a phone connections for it: `webSocketMsrp` of a page or a program,
 * `streamMsrp` on Node (`carillon/node`). Then it sends files and takes them, asks for some, and
 * has sessions of messages. `frame`, `readHead` and `formatHead` are the protocol on the wire;
 * `sending`, `arriving` and `binding` are its pure machines, each a namespace with `start`, `step`
 * and `deadline`; `Relay` is one for others.
 *
 * ```ts
 * import { messageSessions, receiveFiles, sendFile } from "carillon/msrp";
 * import { house, MsrpWires } from "carillon/testing";
 *
 * const { network, signedIn } = house();
 * const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
 * const wires = new MsrpWires();
 * messageSessions(alice, wires.world());
 * messageSessions(bob, wires.world({ host: "192.0.2.2" }));
 *
 * const text = new TextEncoder().encode("Hi, I'm Alice!");
 * const files = receiveFiles(bob);
 * const transfer = sendFile(alice, "sip:bob@house.example", {
 *   ...{ name: "hi.txt", type: "text/plain", size: text.length },
 *   read: async (offset, length) => text.subarray(offset, offset + length),
 * });
 * const { value: file } = await network.until(files.next());
 * const got = new Uint8Array(file.size);
 * file.accept({
 *   write: (at: number, octets: Uint8Array) => got.set(octets, at),
 *   read: (at: number, length: number) => got.subarray(at, at + length),
 * });
 * await network.until(transfer.done);
 * console.log(file.name, new TextDecoder().decode(got)); // hi.txt Hi, I'm Alice!
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
