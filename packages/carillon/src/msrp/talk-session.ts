/**
 * Sessions of instant messages: a call in which both sides write, of any length. RFC 4975 §4, with
 * RFC 3862 where the other side wants its messages wrapped, and RFC 3994 for who is writing.
 */
import { CPIM_TYPE, formatCpim, parseCpim } from "../documents/cpim.ts";
import {
  formatIsComposing,
  IS_COMPOSING_TYPE,
  parseIsComposing,
} from "../documents/is-composing.ts";
import { fromBytes, fromText, type Octets, toBytes, toText } from "../grammar/octets.ts";
import type { Request } from "../message/message.ts";
import type { Peer } from "../ua/call-state.ts";
import { peerOf } from "../ua/message-inbox.ts";
import { type IterationOptions, Queue } from "../ua/replay.ts";
import { type CallEnd, SipError } from "../ua/sip-error.ts";
import { joined } from "./connection.ts";
import { fileIn } from "./file-description.ts";
import type { MessageAbout, MessageSink } from "./incoming-message.ts";
import { answering, type MessageTerms } from "./message-media.ts";
import { type MessageCall, type MessageSessions, sessionsOf } from "./message-sessions.ts";
import type { MessageStream } from "./message-stream.ts";
import { isTaken } from "./taken.ts";

/** A message that came over a session. */
export interface SessionMessage {
  /** Its Message-ID there. */
  readonly id: string;
  /** Its media type with parameters; of what is inside, where it was wrapped. */
  readonly contentType: string;
  /** As text; octets that are no UTF-8 become U+FFFD. */
  readonly text: string;
  /** As it came, one octet a character. */
  readonly body: Octets;
  /** Whom a wrapper says it is from: nobody has proved that. Undefined without one. */
  readonly from: string | undefined;
}

/** Which messages are taken. */
export interface MessageSessionOptions {
  /** Media types: text and wrapped text, if left out. */
  readonly accept?: readonly string[];
  /** The largest message, in octets: 256 KiB, if left out. */
  readonly maxOctets?: number;
}

const ACCEPT: readonly string[] = [CPIM_TYPE, "text/plain", IS_COMPOSING_TYPE, "text/html"];
const MAX_OCTETS: number = 256 * 1024;
/** Messages that nobody has looked at yet; with more, the oldest gives way. */
const MAX_UNREAD = 1000;
/** How soon "active" is said again. RFC 3994 §3.2. */
const REFRESH_SECONDS = 60;

/** A session of instant messages. Hang up its call to end it. */
export class MessageSession {
  /** The call that it is. */
  readonly call: MessageCall;
  readonly #own: string;
  readonly #messages = new Set<Queue<SessionMessage>>();
  readonly #writing = new Set<Queue<boolean>>();
  #theirs: MessageStream | undefined;

  /** For this folder: `make` begins the call with the terms that it is given. */
  constructor(
    own: string,
    { accept = ACCEPT, maxOctets = MAX_OCTETS }: MessageSessionOptions,
    make: (terms: MessageTerms) => MessageCall,
  ) {
    this.#own = own;
    const said = { accept, wrapped: ["*"], lines: [] } as const;
    this.call = make({
      maxOctets,
      user: { incoming: (about) => this.#incoming(about, accept), lost: () => {} },
      offer: () => ({ ...said, direction: "sendrecv" }),
      answer: (offered) => ({ ...said, direction: answering(offered) }),
      agreed: (theirs) => {
        this.#theirs = theirs;
      },
    });
    void this.call.ended.then(() => this.#end());
  }

  /** Whom it is with. */
  get peer(): Peer {
    return this.call.peer;
  }

  /** Takes a session that was offered. Resolves once both talk; rejects with a SipError. */
  accept(): Promise<void> {
    return this.call.answer();
  }

  /** Refuses it. */
  decline(): void {
    this.call.decline();
  }

  /** Ends it. Resolves with why it ended. */
  close(): Promise<CallEnd> {
    this.call.hangUp();
    return this.call.ended;
  }

  /**
   * Sends text, or another type that the other side takes. Resolves once they have said that they
   * have it; rejects with a SipError. Before the session is there it waits for it.
   */
  async send(text: string, contentType = "text/plain;charset=utf-8"): Promise<void> {
    await this.call.answered;
    await this.#send(fromText(text), contentType, { success: true, failure: "yes" });
  }

  /** Says that something is being written, or no more. Nobody waits for an answer. RFC 3994. */
  async writing(isWriting: boolean): Promise<void> {
    await this.call.answered;
    const body = formatIsComposing({
      state: isWriting ? "active" : "idle",
      ...(isWriting && { refreshSeconds: REFRESH_SECONDS }),
    });
    if (!this.#takes(IS_COMPOSING_TYPE) && !this.#takes(CPIM_TYPE)) return;
    await this.#send(body, IS_COMPOSING_TYPE, { success: false, failure: "no" });
  }

  /** Messages that come in, from now on. */
  messages({ signal }: IterationOptions = {}): AsyncIterableIterator<SessionMessage> {
    return this.#listen(this.#messages, new Queue(leaver(this.#messages), signal, MAX_UNREAD));
  }

  /** Whether they are writing, as they say it. */
  theyWrite({ signal }: IterationOptions = {}): AsyncIterableIterator<boolean> {
    return this.#listen(this.#writing, new Queue(leaver(this.#writing), signal, MAX_UNREAD));
  }

  #listen<T>(listeners: Set<Queue<T>>, queue: Queue<T>): Queue<T> {
    if (this.call.state.name === "Ended") queue.end();
    if (!queue.ended) listeners.add(queue);
    return queue;
  }

  #end(): void {
    for (const queue of [...this.#messages, ...this.#writing]) queue.end();
  }

  #takes(contentType: string): boolean {
    return this.#theirs !== undefined && isTaken(this.#theirs.accept, contentType);
  }

  //= RFC 4975 §8.6
  //# An MSRP endpoint MUST NOT send content of a type not signaled by the peer in either an
  //# accept-types or an accept-wrapped-types attribute.
  #send(
    content: Octets,
    contentType: string,
    reporting: { readonly success: boolean; readonly failure: "yes" | "no" },
  ): Promise<void> {
    const session = this.call.media?.session;
    const theirs = this.#theirs;
    if (!session || !theirs) return Promise.reject(new SipError("SIP_CLOSED", NOT_THERE));
    const isBare = isTaken(theirs.accept, contentType);
    const isWrapped = isTaken([...theirs.accept, ...theirs.wrapped], contentType);
    if (!isBare && !(isWrapped && this.#takes(CPIM_TYPE))) {
      return Promise.reject(new SipError("SIP_NOT_ACCEPTABLE", NOT_TAKEN, 415));
    }
    const octets = toBytes(isBare ? content : this.#wrapped(content, contentType));
    return new Promise((resolve, reject) => {
      session.send(
        {
          ...{ contentType: isBare ? contentType : CPIM_TYPE, size: octets.length, reporting },
          read: (offset, length) => octets.subarray(offset, offset + length),
        },
        {
          done: resolve,
          failed: (status) => reject(new SipError("SIP_REJECTED", NOT_ARRIVED, status)),
        },
      );
    });
  }

  #wrapped(content: Octets, contentType: string): Octets {
    return formatCpim({
      from: { name: "", uri: this.#own },
      to: { name: "", uri: this.call.peer.uri },
      contentHeaders: [["Content-Type", contentType]],
      content,
    });
  }

  #incoming(
    { messageId, contentType }: MessageAbout,
    accept: readonly string[],
  ): MessageSink | number {
    //= RFC 4975 §7.3.1
    //# If the SEND request contained a Content-Type header field indicating an unsupported
    //# media-type, and the Failure-Report value is not "no", the receiver MUST generate a response
    //# with a status code of 415.
    if (!isTaken(accept, contentType)) return 415;
    const parts = new Map<number, Uint8Array>();
    return {
      write: (at, octets) => void parts.set(at, octets),
      complete: (size) => {
        const whole = put(parts, size);
        this.#came(messageId, contentType, fromBytes(whole));
        return 200;
      },
      abandoned: () => parts.clear(),
    };
  }

  #came(id: string, type: string, octets: Octets): void {
    const isWrapped = type.split(";", 1)[0]?.trim().toLowerCase() === CPIM_TYPE;
    const wrapped = isWrapped ? parseCpim(octets) : undefined;
    if (wrapped && !wrapped.ok) return;
    const body = wrapped ? wrapped.value.content : octets;
    const contentType = wrapped
      ? (wrapped.value.contentHeaders.get("content-type") ?? "text/plain")
      : type;
    if (contentType.toLowerCase().startsWith(IS_COMPOSING_TYPE)) {
      const read = parseIsComposing(body);
      if (read.ok) for (const queue of this.#writing) queue.push(read.value.state === "active");
      return;
    }
    const from = wrapped?.value.from?.uri;
    for (const queue of this.#messages) {
      queue.push({ id, contentType, text: toText(body), body, from });
    }
  }
}

const leaver =
  <T>(all: Set<Queue<T>>) =>
  (queue: Queue<T>): void =>
    void all.delete(queue);

/** Pieces in their places; the last of several that overlap counts. */
function put(parts: ReadonlyMap<number, Uint8Array>, size: number): Uint8Array {
  const ordered = [...parts].toSorted(([a], [b]) => a - b);
  const isSimple = ordered.reduce((sum, [, { length }]) => sum + length, 0) === size;
  if (isSimple) return joined(ordered.map(([, octets]) => octets));
  const whole = new Uint8Array(size);
  for (const [at, octets] of parts) whole.set(octets.subarray(0, size - at), at);
  return whole;
}

/**
 * Calls somebody for a session of messages. Throws an Error for a phone without message sessions,
 * and on a target that is no address. RFC 4975 §4.
 */
export function openMessages(
  phone: object,
  target: string,
  options: MessageSessionOptions = {},
): MessageSession {
  const sessions = sessionsOf(phone);
  return new MessageSession(ownOf(sessions), options, (terms) => sessions.call(target, terms));
}

/** A session that somebody offers: accept or decline it. */
export interface OfferedMessages {
  /** Who. */
  readonly from: Peer;
  /** The INVITE that offers it. */
  readonly invite: Request;
  /** The session: it rings until it is accepted or declined. */
  readonly session: MessageSession;
}

/**
 * Sessions of messages that others offer. With no listener they are refused. Throws an Error for a
 * phone without message sessions.
 */
export function incomingMessages(
  phone: object,
  { signal, ...options }: MessageSessionOptions & IterationOptions = {},
): AsyncIterableIterator<OfferedMessages> {
  const sessions = sessionsOf(phone);
  const taker: MessageSessions["takers"][number] = ({ from, stream, take }) => {
    if (fileIn(stream.lines)) return false;
    const session = new MessageSession(ownOf(sessions), options, take);
    queue.push({ from: peerOf(from), invite: from.request, session });
    return true;
  };
  const leave = (): void => {
    const at = sessions.takers.indexOf(taker);
    if (at >= 0) sessions.takers.splice(at, 1);
  };
  const queue = new Queue<OfferedMessages>(leave, signal);
  if (!queue.ended) sessions.takers.push(taker);
  return queue;
}

const ownOf = ({ parts }: MessageSessions): string => parts.agent.aor;

const NOT_THERE = "The session is not there.";
const NOT_TAKEN = "They take no messages of this type.";
const NOT_ARRIVED = "The message did not arrive.";
