/** Instant messages that go out. RFC 3428 §4, §8. */

import { fromText, type Octets } from "../grammar/octets.ts";
import { formatSipDate } from "../grammar/sip-date.ts";
import type { HeaderField } from "../message/compose.ts";
import { parseContentType } from "../message/header/content-type.ts";
import type { Response } from "../message/message.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import type { Agent } from "./agent.ts";
import type { NoAnswer, OutgoingRequest } from "./outgoing-request.ts";
import { outsideHeaders, targetOf } from "./outside-request.ts";
import { errorOf, SipError } from "./sip-error.ts";
import type { Task } from "./takers.ts";

/** How a message is sent. */
export interface MessageOptions {
  /** `text/plain;charset=UTF-8` if left out. */
  readonly contentType?: string;
  /** For how long it is of use to whoever gets it. */
  readonly expiresSeconds?: number;
  /** Ends the wait for an answer; a message that is on its way may arrive all the same. */
  readonly signal?: AbortSignal;
}

//= RFC 3428 §4
//# It MUST NOT assume that the recipient has actually read the instant message.
//= RFC 3428 §4
//# Therefore the UAC MUST NOT assume that a given final response represents the only UAS that
//# receives the request.
/** What is known of a message that was sent. RFC 3428 §4. */
export interface MessageAnswer {
  /** The status of the answer: 200, or 202. */
  readonly status: number;
  /**
   * True: a device of theirs has it, though nobody need have read it. False: a server has it, which
   * may deliver it some day.
   */
  readonly isDelivered: boolean;
}

/** What is sent, and who waits to hear of it. */
interface Letter {
  readonly to: UriRequest;
  readonly headers: readonly HeaderField[];
  readonly body: Octets;
  readonly done: (outcome: MessageAnswer | SipError) => void;
  request: OutgoingRequest | undefined;
}

//= RFC 3428 §8
//# The size of MESSAGE requests outside of a media session MUST NOT exceed 1300 bytes, unless the
//# UAC has positive knowledge that the message will not traverse a congestion-unsafe link at any
//# hop
const MAX_MESSAGE_BYTES = 1300;
/** Messages that wait for others, or for their answer. */
const MAX_LETTERS = 1000;

export class MessageOutbox implements Task {
  readonly #agent: Agent;
  /** By Request-URI; the first of each is on its way. */
  readonly #queues = new Map<string, Letter[]>();
  #count = 0;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  //= RFC 3428 §4
  //# All UACs which support the MESSAGE method MUST be prepared to send MESSAGE requests with a
  //# body of type text/plain.
  /** Rejects with a SipError. Throws a RangeError on what is no address or no type. */
  send(
    target: string,
    body: string,
    options: MessageOptions & { readonly headers?: readonly HeaderField[] },
    inTurn: (run: () => void) => void,
  ): Promise<MessageAnswer> {
    const {
      contentType = "text/plain;charset=UTF-8",
      signal,
      expiresSeconds,
      headers = [],
    } = options;
    const to = targetOf(this.#agent, target, "MESSAGE");
    if (!parseContentType(contentType).ok) throw new RangeError(`no media type: ${contentType}`);
    if (signal?.aborted) return Promise.reject(takenBack());
    const { promise, resolve, reject } = Promise.withResolvers<MessageAnswer>();
    const letter: Letter = {
      ...{ to, body: fromText(body), request: undefined },
      headers: [...this.#dates(expiresSeconds), ...headers, ["Content-Type", contentType]],
      done: (outcome) => {
        signal?.removeEventListener("abort", abort);
        if (outcome instanceof SipError) reject(outcome);
        else resolve(outcome);
      },
    };
    const abort = (): void => inTurn(() => this.#takeBack(letter));
    signal?.addEventListener("abort", abort, { once: true });
    inTurn(() => this.#add(letter));
    return promise;
  }

  cutOff(): void {}
  back(): void {}

  /** What has not left yet never will. */
  leave(): void {
    for (const queue of this.#queues.values()) {
      for (const { done } of queue.splice(1)) {
        this.#count--;
        done(closed());
      }
    }
  }

  abandon(): void {
    for (const [letter] of this.#queues.values()) letter?.done(closed());
  }

  //= RFC 3428 §4
  //# If the UAC adds an Expires header field with a non-zero value, it SHOULD also add a Date
  //# header field containing the time the message is sent.
  #dates(expiresSeconds: number | undefined): readonly HeaderField[] {
    if (expiresSeconds === undefined) return [];
    const date: HeaderField = ["Date", formatSipDate(this.#agent.endpoint.now)];
    return [["Expires", String(Math.max(0, Math.floor(expiresSeconds)))], date];
  }

  #add(letter: Letter): void {
    if (this.#count >= MAX_LETTERS || (this.#count === 0 && !this.#agent.takers.addTask(this))) {
      return letter.done(new SipError("SIP_REJECTED", "Too many messages are waiting already."));
    }
    this.#count++;
    const { uri } = letter.to;
    const queue = this.#queues.get(uri);
    //= RFC 3428 §8
    //# Similarly, A UAC SHOULD NOT initiate overlapping MESSAGE transactions inside a dialog, and
    //# MUST NOT do so unless the route set for that dialog uses a congestion-controlled transport
    //# at every hop.
    // None is sent inside a dialog.
    //= RFC 3428 §8
    //# A UAC MUST NOT initiate a new out-of-dialog MESSAGE transaction to a given URI if there is a
    //# previous out-of-dialog transaction pending for the same URI.
    if (queue) return void queue.push(letter);
    this.#queues.set(uri, [letter]);
    this.#send(letter);
  }

  #send(letter: Letter): void {
    const agent = this.#agent;
    const { ids } = agent.endpoint;
    const { to, body } = letter;
    //= RFC 3428 §4
    //# User Agents MUST NOT insert Contact header fields into MESSAGE requests.
    const headers = [
      ...outsideHeaders(agent, to, { callId: ids.unique(), localTag: ids.unique() }),
      ...letter.headers,
    ];
    const what = { method: "MESSAGE", uri: to.uri, headers, body, maxBytes: MAX_MESSAGE_BYTES };
    const user = {
      response: (response: Response) => {
        if (response.status >= 200) this.#over(letter, this.#outcome(response));
      },
      failed: (reason: NoAnswer) => this.#over(letter, unanswered(reason)),
    };
    let seq = 0;
    letter.request = agent.send(what, user, () => ++seq);
    if (!letter.request) agent.endpoint.later(() => this.#over(letter, unanswered("transport")));
  }

  //= RFC 3428 §4
  //# If the UAC receives a 202 Accepted response, the message has been delivered to a gateway,
  //# store and forward server, or some other service that may eventually deliver the message. In
  //# this case, the UAC MUST NOT assume the message has been delivered to the final destination.
  #outcome(response: Response): MessageAnswer | SipError {
    const { status } = response;
    if (status < 300) return { status, isDelivered: status !== 202 };
    const told = this.#agent.reasonIn(response);
    const words = WORDS[status];
    const error = errorOf(status, told === "" ? words : told, response);
    if (error.code !== "SIP_REJECTED" || told !== "" || words) return error;
    return new SipError("SIP_REJECTED", "The message was refused.", status, response);
  }

  #takeBack(letter: Letter): void {
    const queue = this.#queues.get(letter.to.uri);
    if (!queue?.includes(letter)) return;
    letter.done(takenBack());
    // One that is on its way keeps its place until it is answered: the next is not to overtake it.
    if (queue[0] === letter) return;
    queue.splice(queue.indexOf(letter), 1);
    this.#count--;
  }

  #over(letter: Letter, outcome: MessageAnswer | SipError): void {
    const { uri } = letter.to;
    const [, ...others] = this.#queues.get(uri) ?? [];
    this.#count--;
    letter.done(outcome);
    const [next] = others;
    if (next) {
      this.#queues.set(uri, others);
      this.#send(next);
    } else this.#queues.delete(uri);
    if (this.#count === 0) this.#agent.takers.removeTask(this);
  }
}

const closed = () => new SipError("SIP_CLOSED", "The phone was closed.");
const takenBack = () => new SipError("SIP_CANCELLED", "The message was taken back.");

function unanswered(reason: NoAnswer): SipError {
  switch (reason) {
    case "too-large":
      return new SipError("SIP_TOO_LARGE", TOO_LARGE);
    case "timeout":
      return new SipError("SIP_TIMEOUT", "Nobody said that the message arrived.");
    default:
      return new SipError("SIP_TRANSPORT", "There is no connection to the server.");
  }
}

const TOO_LARGE = `The message is too long: ${MAX_MESSAGE_BYTES} octets with all its headers.`;

const WORDS: Readonly<Record<number, string>> = {
  405: "Their device takes no messages.",
  413: "The message is too long for them.",
  415: "Their device cannot show a message of this kind.",
  486: "They are busy.",
  501: "Their device takes no messages.",
  513: "The message is too long for them.",
  600: "They are busy.",
  603: "They do not want this message.",
};
