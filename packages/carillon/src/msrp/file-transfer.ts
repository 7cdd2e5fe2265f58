/** A file on its way over MSRP: what is sent, and what becomes of it. RFC 5547. */
import type { FileReference } from "../documents/file-reference.ts";

/** A file to be sent. It is read bit by bit, twice: once for its hash. */
export interface FileSource {
  /** Without folders. */
  readonly name: string;
  /** Its media type: `image/jpeg`; `application/octet-stream` where nobody knows. */
  readonly type: string;
  /** Octets. */
  readonly size: number;
  /** These octets, `offset` counted from 0; fewer than asked for are an error. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** How a file is sent. */
export interface SendFileOptions {
  /** Gives it up when it is aborted. */
  readonly signal?: AbortSignal;
  /** So many octets of the whole have arrived. */
  readonly progress?: (sent: number, size: number) => void;
}

/** A file on its way. */
export interface FileTransfer {
  /**
   * Resolves when the other side has all of it and has found it right: to where it can be had, or
   * undefined where nobody said that. Rejects with a SipError.
   */
  readonly done: Promise<FileReference | undefined>;
  /** Octets that have arrived. */
  readonly sent: number;
  /** Stops sending, and keeps what has arrived. */
  pause(): void;
  /** Goes on. */
  resume(): void;
  /** Gives it up; `done` rejects. */
  cancel(): void;
}

/**
 * Sends a file to whoever takes such: `sip:files@house` keeps it for everybody who is told its URL.
 * A transfer whose connection breaks goes on where it was. Throws an Error for a phone without
 * message sessions, and on a target that is no address.
 */
export type SendFile = (
  phone: object,
  target: string,
  source: FileSource,
  options?: SendFileOptions,
) => FileTransfer;
