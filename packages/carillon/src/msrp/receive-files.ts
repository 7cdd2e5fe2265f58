/** Files that others send: offered by RFC 5547 §8.3.1, taken over MSRP. */
import { toText } from "../grammar/octets.ts";
import type { Request } from "../message/message.ts";
import type { Peer } from "../ua/call-state.ts";
import { peerOf } from "../ua/message-inbox.ts";
import { type IterationOptions, Queue } from "../ua/replay.ts";
import { errorFrom, SipError } from "../ua/sip-error.ts";
import { type FileSaid, fileIn, isAsSaid, linesOf, nameOf } from "./file-description.ts";
import type { MessageTerms } from "./message-media.ts";
import { type MessageCall, type OfferedSession, sessionsOf } from "./message-sessions.ts";

/** Where the octets of a file go. */
export interface FileSink {
  /** Keeps these octets, counted from 0 in the whole file. The last of several counts. */
  write(at: number, octets: Uint8Array): void | Promise<void>;
  /** What was written, to be looked at: it is hashed before anybody hears that it has arrived. */
  read(at: number, length: number): Uint8Array | Promise<Uint8Array>;
  /**
   * Hashes so many octets of what was written, as RFC 5547 spells it (`72:24:5F:…`), where that can
   * be done quicker than by reading it here.
   */
  hash?(algorithm: "sha-1" | "sha-256", size: number): Promise<string>;
  /** All of it is there, and is what was announced. Its sender hears that once this resolves. */
  complete?(size: number): void | Promise<void>;
  /** Nothing more comes; so many octets of this part were written. */
  abandoned?(arrived: number): void;
}

/** How a file is taken. */
export interface TakeFileOptions {
  /** A URL where it can be had later: told to its sender. */
  readonly url?: string;
}

/** A file that somebody offers. Accept or decline it: it rings until then. */
export interface OfferedFile {
  /** Who. */
  readonly from: Peer;
  /** For people; safe as a name on a disk, and never to be trusted as a path. */
  readonly name: string;
  /** Octets of the whole; undefined where it is not told. */
  readonly size: number | undefined;
  /** A media type, as its sender has it. */
  readonly type: string;
  /** `sha-1:72:24:…`; empty where none is told. */
  readonly hashes: readonly string[];
  /** The part that is offered, counted from 0: not 0 where a transfer goes on. */
  readonly start: number;
  /** The INVITE that offers it. */
  readonly invite: Request;
  /** Takes it. Resolves with its size once it is whole and right; rejects with a SipError. */
  accept(sink: FileSink, options?: TakeFileOptions): Promise<number>;
  /** Refuses it: 603, unless another status is told. 488 has a transfer that goes on begin anew. */
  decline(status?: 486 | 488 | 603): void;
  /** Takes the call and refuses the file, so that its sender hears why: 413 is enough of them. */
  refuse(status: 403 | 413 | 415): void;
}

/** Which files are taken. */
export interface ReceiveFilesOptions extends IterationOptions {
  /** The largest, in octets: 100 MiB, if left out. Its sender hears of it. */
  readonly maxOctets?: number;
}

const DEFAULT_MAX: number = 100 * 1024 * 1024;

/**
 * Files that others offer to this phone. With no listener they are refused. Throws an Error for a
 * phone without message sessions. RFC 5547 §8.3.1.
 */
export function receiveFiles(
  phone: object,
  options: ReceiveFilesOptions = {},
): AsyncIterableIterator<OfferedFile> {
  const sessions = sessionsOf(phone);
  const { maxOctets = DEFAULT_MAX } = options;
  const taker = (offered: OfferedSession): boolean => {
    const file = fileIn(offered.stream.lines);
    if (!file || offered.stream.direction !== "sendonly") return false;
    queue.push(new TakenFile(offered, file, maxOctets));
    return true;
  };
  const leave = (): void => {
    const at = sessions.takers.indexOf(taker);
    if (at >= 0) sessions.takers.splice(at, 1);
  };
  const queue = new Queue<OfferedFile>(leave, options.signal);
  if (!queue.ended) sessions.takers.push(taker);
  return queue;
}

class TakenFile implements OfferedFile {
  readonly from: Peer;
  readonly name: string;
  readonly size: number | undefined;
  readonly type: string;
  readonly hashes: readonly string[];
  readonly start: number;
  readonly invite: Request;
  readonly #file: FileSaid;
  readonly #call: MessageCall;
  readonly #maxOctets: number;
  readonly #done = Promise.withResolvers<number>();
  #sink: FileSink | undefined;
  #url: string | undefined;
  #isUnfit = false;
  #refusal = 413;

  constructor({ from, take }: OfferedSession, file: FileSaid, maxOctets: number) {
    const { selector, range } = file;
    this.from = peerOf(from);
    this.name = nameOf(selector);
    this.size = selector.sizeBytes;
    this.type = selector.type === undefined ? "application/octet-stream" : toText(selector.type);
    this.hashes = selector.hashes.map(({ algorithm, value }) => `${algorithm}:${value}`);
    this.start = (range?.start ?? 1) - 1;
    this.invite = from.request;
    this.#file = file;
    this.#maxOctets = maxOctets;
    this.#done.promise.catch(() => {});
    this.#call = take(this.#terms());
    void this.#call.ended.then((end) => this.#done.reject(errorFrom(end)));
  }

  async accept(sink: FileSink, { url }: TakeFileOptions = {}): Promise<number> {
    if (this.#sink) throw new Error("a file can be taken once");
    this.#sink = sink;
    this.#url = url;
    await this.#call.answer();
    return this.#done.promise;
  }

  decline(status: 486 | 488 | 603 = 603): void {
    if (status !== 488) return this.#call.decline(status);
    this.#isUnfit = true;
    this.#call.answer().catch(() => {});
  }

  refuse(status: 403 | 413 | 415): void {
    this.#refusal = status;
    this.#call.answer().catch(() => {});
  }

  #terms(): MessageTerms {
    const { selector } = this.#file;
    const maxOctets = Math.max(1, this.#maxOctets - this.start);
    return {
      maxOctets,
      user: {
        incoming: ({ size }) => {
          const sink = this.#sink;
          const expected = selector.sizeBytes;
          const isOther =
            expected !== undefined && size !== undefined && size !== expected - this.start;
          if (!sink || isOther) return this.#refusal;
          return {
            write: (at, octets) => sink.write(this.start + at, octets),
            complete: (octets) => this.#complete(sink, this.start + octets),
            abandoned: (arrived) => sink.abandoned?.(arrived),
          };
        },
        lost: (why) => this.#done.reject(new SipError("SIP_TRANSPORT", why)),
      },
      offer: () => {
        throw new SipError("SIP_MEDIA", "A file was offered without a description.", 488);
      },
      answer: () => {
        if (this.#isUnfit || (selector.sizeBytes ?? 0) > this.#maxOctets) {
          throw new SipError("SIP_TOO_LARGE", "The file is larger than is taken here.", 488);
        }
        //= RFC 5547 §8.3.1
        //# The file receiver MUST NOT include 'file-icon', 'file-disposition', or 'file-date'
        //# attributes in the SDP answer.
        const { transferId, range } = this.#file;
        const said: FileSaid = { transferId, selector, range, disposition: undefined };
        return {
          ...{ accept: ["*"], wrapped: [], direction: "recvonly" },
          ...{ lines: linesOf(said), about: this.#url },
        };
      },
      agreed: () => {},
    };
  }

  /** The status that its sender hears. */
  async #complete(sink: FileSink, size: number): Promise<number> {
    const read = (at: number, length: number) => sink.read(at, length);
    if (!(await isAsSaid(this.#file.selector, read, size, sink.hash?.bind(sink)))) {
      this.#done.reject(new SipError("SIP_MEDIA", "The file is not the one that was announced."));
      return 400;
    }
    await sink.complete?.(size);
    this.#done.resolve(size);
    return 200;
  }
}
