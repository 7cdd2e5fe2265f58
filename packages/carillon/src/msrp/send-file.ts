/**
 * Sends a file: RFC 5547 §8.2.1, over MSRP. A transfer whose connection breaks goes on where it
 * was: what the other side has reported is not sent again.
 */
import type { FileReference } from "../documents/file-reference.ts";
import { fromText } from "../grammar/octets.ts";
import type { FileSelector } from "../sdp/attribute/file-transfer.ts";
import { invitationTo } from "../ua/invitation.ts";
import { type CallEnd, errorFrom, SipError } from "../ua/sip-error.ts";
import { type FileSaid, fileIn, hashesOf, linesOf, safeName } from "./file-description.ts";
import type { FileSource, FileTransfer, SendFileOptions } from "./file-transfer.ts";
import { type MessageMedia, type MessageTerms, mediaTypeOf } from "./message-media.ts";
import { type MessageCall, type MessageSessions, sessionsOf } from "./message-sessions.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";

/** Tries in a row that brought nothing before it is given up. */
const MAX_VAIN = 6;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Sends a file to whoever takes such: `sip:files@house` keeps it for everybody who is told its URL.
 * A transfer whose connection breaks goes on where it was. Throws an Error for a phone without
 * message sessions, and on a target that is no address. RFC 5547.
 */
export function sendFile(
  phone: object,
  target: string,
  source: FileSource,
  options: SendFileOptions = {},
): FileTransfer {
  const sessions = sessionsOf(phone);
  invitationTo(target, sessions.parts.agent.abilities.requestOf);
  return new SentFile(sessions, target, source, options);
}

class SentFile implements FileTransfer {
  readonly done: Promise<FileReference | undefined>;
  readonly #sessions: MessageSessions;
  readonly #target: string;
  readonly #source: FileSource;
  readonly #options: SendFileOptions;
  readonly #resolvers = Promise.withResolvers<FileReference | undefined>();
  #selector: FileSelector | undefined;
  #sent = 0;
  #vain = 0;
  #isPaused = false;
  #isOver = false;
  #call: MessageCall | undefined;
  #sending: { readonly message: OutgoingMessage | undefined } | undefined;
  #about: string | undefined;

  constructor(
    sessions: MessageSessions,
    target: string,
    source: FileSource,
    options: SendFileOptions,
  ) {
    this.#sessions = sessions;
    this.#target = target;
    this.#source = source;
    this.#options = options;
    this.done = this.#resolvers.promise;
    this.done.catch(() => {});
    const { signal } = options;
    if (signal?.aborted) this.cancel();
    else signal?.addEventListener("abort", () => this.cancel(), { once: true });
    void this.#begin();
  }

  get sent(): number {
    return this.#sent;
  }

  pause(): void {
    this.#isPaused = true;
    this.#sending?.message?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#sending?.message?.resume();
  }

  cancel(): void {
    if (this.#isOver) return;
    //= RFC 5547 §8.4
    //# The file sender aborts the MSRP message by including the '#' character in the continuation
    //# field of the end-line of a SEND request
    this.#sending?.message?.abort();
    this.#fail(new SipError("SIP_CANCELLED", "The file was not sent: it was given up."));
  }

  async #begin(): Promise<void> {
    const { name, type, size } = this.#source;
    try {
      const read = (offset: number, length: number) => this.#source.read(offset, length);
      const hashes = await hashesOf(read, size);
      this.#selector = {
        name: fromText(safeName(name)),
        sizeBytes: size,
        type: mediaTypeOf(type),
        hashes,
      };
      if (!this.#isOver) this.#attempt();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#fail(new SipError("SIP_MEDIA", `The file cannot be read: ${why}`));
    }
  }

  /** One call, for what has not arrived yet. */
  #attempt(): void {
    const { size } = this.#source;
    const start = this.#sent;
    const before = start;
    let isRefused = false;
    const terms: MessageTerms = {
      maxOctets: 0,
      user: { incoming: () => 415, lost: () => {} },
      hopeless: (why) => this.#fail(new SipError("SIP_UNAUTHORIZED", why)),
      offer: () => ({
        ...{ accept: ["*"], wrapped: [], direction: "sendonly" },
        lines: linesOf(this.#said(start)),
      }),
      answer: () => {
        throw new SipError("SIP_MEDIA", "A file is offered here, and not asked for.", 488);
      },
      agreed: (theirs, _, about) => {
        this.#about = about;
        const answered = fileIn(theirs.lines);
        if (theirs.maxOctets !== undefined && theirs.maxOctets < size - start) isRefused = true;
        if (answered && isRefused) this.#fail(tooLarge());
      },
    };
    const call = this.#sessions.call(this.#target, terms);
    this.#call = call;
    call.answered.then(
      () => this.#send(call, start),
      () => {},
    );
    void call.ended.then((end) => {
      if (this.#call === call) this.#over(end, before);
    });
  }

  #said(start: number): FileSaid {
    const { host } = this.#sessions.end;
    const { size } = this.#source;
    const selector = this.#selector;
    if (!selector) throw new Error("the file has not been read yet");
    return {
      selector,
      //= RFC 5547 §8.1
      //# If a file transfer is suspended and resumed at a later time, the resumption is considered
      //# a new file transfer (even when the file to be transferred is the same); therefore, the SDP
      //# offerer MUST choose a new file transfer identifier.
      transferId: host.random(16),
      range: start === 0 ? undefined : { start: start + 1, stop: size },
      disposition: "attachment",
    };
  }

  #send(call: MessageCall, start: number): void {
    const session = (call.media as MessageMedia | undefined)?.session;
    if (!session || this.#isOver) return call.hangUp();
    const { size, type } = this.#source;
    //= RFC 5547 §8.7
    //# Additionally, implementations according to this specification MUST include a single file in
    //# a single MSRP message.
    this.#sending = session.send(
      {
        contentType: mediaTypeOf(type),
        size: size - start,
        read: (offset, length) => this.#source.read(start + offset, length),
        reporting: { success: true, failure: "yes" },
        headers: [["Content-Disposition", "attachment"]],
      },
      {
        arrived: (octets) => this.#arrived(start + octets),
        done: () => this.#arrivedWhole(call),
        failed: (status, arrived) => {
          this.#arrived(start + arrived);
          if (status === 0 || status === 408 || status === 481 || status === 506) call.hangUp();
          else this.#fail(refusedWith(status));
        },
      },
    );
    if (this.#isPaused) this.#sending.message?.pause();
  }

  #arrived(octets: number): void {
    if (octets <= this.#sent || this.#isOver) return;
    this.#sent = octets;
    this.#vain = 0;
    this.#options.progress?.(octets, this.#source.size);
  }

  #arrivedWhole(call: MessageCall): void {
    const { name, size, type } = this.#source;
    this.#arrived(size);
    const hash = this.#selector?.hashes.at(-1);
    const about = this.#about;
    this.#finish();
    this.#resolvers.resolve(
      about === undefined
        ? undefined
        : {
            ...{ url: about, name: safeName(name), size, type },
            ...(hash && { hash: `${hash.algorithm}:${hash.value}` }),
          },
    );
    //= RFC 5547 §8.7
    //# Once the file transfer is completed, the file sender SHOULD close the MSRP session and MUST
    //# behave according to the MSRP [RFC4975] procedures with respect to closing MSRP sessions.
    call.hangUp();
  }

  /** The call is over, and the file has not arrived. */
  #over(end: CallEnd, before: number): void {
    if (this.#isOver) return;
    const { status } = end;
    // What they do not have any more is sent once more.
    if (status === 488 && before > 0) this.#sent = 0;
    else if (status === 488) return this.#fail(notTaken());
    else if (status !== undefined && !isPassing(status)) return this.#fail(errorFrom(end));
    if (++this.#vain > MAX_VAIN) return this.#fail(errorFrom(end));
    const { host } = this.#sessions.end;
    if (this.#sessions.parts.calls.isClosing) return this.#fail(errorFrom(end));
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#vain - 1));
    host.at(host.now() + waitMs, () => {
      if (!this.#isOver) this.#attempt();
    });
  }

  #finish(): void {
    this.#isOver = true;
    this.#sending = undefined;
  }

  #fail(error: SipError): void {
    if (this.#isOver) return;
    this.#finish();
    this.#resolvers.reject(error);
    this.#call?.hangUp();
  }
}

/** Refusals that may be none a moment later. */
const isPassing = (status: number): boolean =>
  status === 408 || status === 480 || status === 500 || status === 503 || status === 504;

const tooLarge = (): SipError =>
  new SipError("SIP_TOO_LARGE", "The file is larger than they take.", 413);

const notTaken = (): SipError =>
  new SipError("SIP_NOT_ACCEPTABLE", "They do not take this file.", 488);

function refusedWith(status: number): SipError {
  if (status === 413) return tooLarge();
  if (status === 415) return new SipError("SIP_NOT_ACCEPTABLE", "They take no such file.", status);
  return new SipError("SIP_REJECTED", `The file did not arrive whole (${status}).`, status);
}
