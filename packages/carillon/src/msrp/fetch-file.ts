/** Files that are asked for, and given: RFC 5547 §8.2.2, §8.3.2. */
import { fromText, toText } from "../grammar/octets.ts";
import type { Request } from "../message/message.ts";
import type { FileSelector } from "../sdp/attribute/file-transfer.ts";
import type { Peer } from "../ua/call-state.ts";
import { peerOf } from "../ua/message-inbox.ts";
import { type IterationOptions, Queue } from "../ua/replay.ts";
import { errorFrom, SipError } from "../ua/sip-error.ts";
import { type FileSaid, fileIn, hashesOf, isAsSaid, linesOf, nameOf } from "./file-description.ts";
import type { FileSource } from "./file-transfer.ts";
import { type MessageTerms, mediaTypeOf } from "./message-media.ts";
import { type MessageCall, type OfferedSession, sessionsOf } from "./message-sessions.ts";
import type { FileSink } from "./receive-files.ts";

/** Which file is wanted: what is known of it, at least one thing. */
export interface WantedFile {
  /** Its name. */
  readonly name?: string;
  /** Its media type. */
  readonly type?: string;
  /** Octets. */
  readonly size?: number;
  /** `sha-1:72:24:…`. */
  readonly hash?: string;
  /** From which octet on, counted from 0: a transfer that goes on. */
  readonly start?: number;
}

/** How a file is asked for. */
export interface FetchFileOptions {
  /** Gives it up when it is aborted. */
  readonly signal?: AbortSignal;
  /** The largest that is taken, in octets: 100 MiB, if left out. */
  readonly maxOctets?: number;
}

/** How long whoever gives a file may take to hang up. */
const LINGER_MS = 5000;
const DEFAULT_MAX: number = 100 * 1024 * 1024;

/**
 * Asks for a file. Resolves with its size once it is whole and is what its hash says; rejects with
 * a SipError. Throws an Error for a phone without message sessions, on a target that is no address,
 * and where nothing is said of the file. RFC 5547 §8.2.2.
 */
export function fetchFile(
  phone: object,
  target: string,
  wanted: WantedFile,
  sink: FileSink,
  { signal, maxOctets = DEFAULT_MAX }: FetchFileOptions = {},
): Promise<number> {
  const sessions = sessionsOf(phone);
  const { start = 0 } = wanted;
  const selector = selectorOf(wanted);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let theirs: FileSelector = selector;
  const terms: MessageTerms = {
    maxOctets,
    hopeless: (why) => reject(new SipError("SIP_UNAUTHORIZED", why)),
    user: {
      incoming: () => ({
        write: (at, octets) => sink.write(start + at, octets),
        complete: async (size) => {
          const whole = start + size;
          const read = (at: number, length: number) => sink.read(at, length);
          //= RFC 5547 §8.2.2
          //# In case the computed hash does not match the one contained in the SDP answer, the file
          //# receiver SHOULD consider that the file transfer failed and SHOULD inform the user.
          if (!(await isAsSaid(theirs, read, whole, sink.hash?.bind(sink)))) {
            reject(new SipError("SIP_MEDIA", "The file is not the one that was announced."));
            return 400;
          }
          await sink.complete?.(whole);
          resolve(whole);
          // It is the sender's to end it, once it has heard that.
          const { host } = sessions.end;
          host.at(host.now() + LINGER_MS, () => call.hangUp());
          return 200;
        },
        abandoned: (arrived) => sink.abandoned?.(arrived),
      }),
      lost: (why) => reject(new SipError("SIP_TRANSPORT", why)),
    },
    offer: () => {
      const transferId = sessions.end.host.random(16);
      const range = start === 0 ? undefined : { start: start + 1, stop: undefined };
      const said: FileSaid = { selector, transferId, range, disposition: undefined };
      return { accept: ["*"], wrapped: [], direction: "recvonly", lines: linesOf(said) };
    },
    answer: () => {
      throw new SipError("SIP_MEDIA", "A file is asked for here, and not offered.", 488);
    },
    agreed: ({ lines }) => {
      const told = fileIn(lines)?.selector ?? selector;
      theirs = { ...told, hashes: [...told.hashes, ...selector.hashes] };
    },
  };
  const call: MessageCall = sessions.call(target, terms, signal);
  void call.ended.then((end) => reject(errorFrom(end)));
  return promise;
}

function selectorOf({ name, type, size, hash }: WantedFile): FileSelector {
  const colon = hash?.indexOf(":") ?? -1;
  const hashes =
    hash === undefined || colon < 0
      ? []
      : [{ algorithm: hash.slice(0, colon), value: hash.slice(colon + 1).toUpperCase() }];
  if (name === undefined && type === undefined && size === undefined && hashes.length === 0) {
    throw new Error("say something of the file that is wanted");
  }
  return { name: name === undefined ? undefined : fromText(name), type, sizeBytes: size, hashes };
}

/** A file that somebody asks for. Give it, or decline. */
export interface AskedFile {
  /** Who. */
  readonly from: Peer;
  /** What they say of it: made safe as a name on a disk; empty where they say none. */
  readonly name: string;
  /** A media type; undefined where none is said. */
  readonly type: string | undefined;
  /** Octets; undefined where it is not said. */
  readonly size: number | undefined;
  /** `sha-1:72:24:…`; empty where none is said. */
  readonly hashes: readonly string[];
  /** The INVITE that asks for it. */
  readonly invite: Request;
  /** Gives them this one. Resolves once they have it; rejects with a SipError. */
  give(source: FileSource): Promise<void>;
  /** There is none, or not for them. */
  decline(): void;
}

/**
 * Files that others ask this phone for. With no listener they are refused. Throws an Error for a
 * phone without message sessions. RFC 5547 §8.3.2.
 */
export function askedFiles(
  phone: object,
  { signal }: IterationOptions = {},
): AsyncIterableIterator<AskedFile> {
  const sessions = sessionsOf(phone);
  const taker = (offered: OfferedSession): boolean => {
    const file = fileIn(offered.stream.lines);
    if (!file || offered.stream.direction !== "recvonly") return false;
    queue.push(new GivenFile(offered, file));
    return true;
  };
  const leave = (): void => {
    const at = sessions.takers.indexOf(taker);
    if (at >= 0) sessions.takers.splice(at, 1);
  };
  const queue = new Queue<AskedFile>(leave, signal);
  if (!queue.ended) sessions.takers.push(taker);
  return queue;
}

class GivenFile implements AskedFile {
  readonly from: Peer;
  readonly name: string;
  readonly type: string | undefined;
  readonly size: number | undefined;
  readonly hashes: readonly string[];
  readonly invite: Request;
  readonly #file: FileSaid;
  readonly #call: MessageCall;
  #selector: FileSelector | undefined;

  constructor({ from, take }: OfferedSession, file: FileSaid) {
    const { selector } = file;
    this.from = peerOf(from);
    this.name = selector.name === undefined ? "" : nameOf(selector);
    this.type = selector.type === undefined ? undefined : toText(selector.type);
    this.size = selector.sizeBytes;
    this.hashes = selector.hashes.map(({ algorithm, value }) => `${algorithm}:${value}`);
    this.invite = from.request;
    this.#file = file;
    this.#call = take(this.#terms());
  }

  async give(source: FileSource): Promise<void> {
    const { name, size, type } = source;
    const hashes = await hashesOf((offset, length) => source.read(offset, length), size);
    this.#selector = { name: fromText(name), sizeBytes: size, type: mediaTypeOf(type), hashes };
    const start = Math.min(size, (this.#file.range?.start ?? 1) - 1);
    const stop = Math.min(size, this.#file.range?.stop ?? size);
    await this.#call.answer();
    const session = this.#call.media?.session;
    if (!session) throw new SipError("SIP_CLOSED", "The session is not there.");
    return new Promise((resolve, reject) => {
      void this.#call.ended.then((end) => reject(errorFrom(end)));
      session.send(
        {
          ...{ contentType: mediaTypeOf(type), size: stop - start },
          read: (offset, length) => source.read(start + offset, length),
          reporting: { success: true, failure: "yes" },
          headers: [["Content-Disposition", "attachment"]],
        },
        {
          done: () => {
            resolve();
            this.#call.hangUp();
          },
          failed: (status) =>
            reject(new SipError("SIP_REJECTED", "The file did not arrive whole.", status)),
        },
      );
    });
  }

  decline(): void {
    this.#call.decline();
  }

  #terms(): MessageTerms {
    return {
      maxOctets: 1,
      user: { incoming: () => 415, lost: () => {} },
      offer: () => {
        throw new SipError("SIP_MEDIA", "A file was asked for without a description.", 488);
      },
      answer: () => {
        const selector = this.#selector ?? this.#file.selector;
        const { transferId, range } = this.#file;
        const said: FileSaid = { transferId, selector, range, disposition: "attachment" };
        return { accept: ["*"], wrapped: [], direction: "sendonly", lines: linesOf(said) };
      },
      agreed: () => {},
    };
  }
}
