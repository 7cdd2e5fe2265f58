/** Instant messages that come in, and whoever listens for them. RFC 3428 §7. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { newTimer } from "../endpoint/wheel.ts";
import { flat } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { isMediaType, type MediaType } from "../message/header/content-type.ts";
import { header } from "../message/headers.ts";
import { NEVER } from "../transaction/timers.ts";
import type { Agent } from "./agent.ts";
import type { Peer } from "./call-state.ts";
import {
  type Answering,
  bodyType,
  datesOf,
  IncomingMessage,
  isReadable,
} from "./incoming-message.ts";
import { type IterationOptions, Queue } from "./replay.ts";
import type { MethodTaker } from "./takers.ts";

export interface MessageListener {
  /** What it understands: `text/plain`. */
  readonly types: readonly string[];
  /** Whether it answers messages itself. */
  readonly explicit: boolean;
  /** Whether it could not take in one more. */
  readonly isFull: boolean;
  take(message: IncomingMessage): void;
}

/** Octets; those from a sender who obeys RFC 3428 §8 are far shorter. */
const MAX_BODY = 20_000;
/**
 * How long a listener has for an answer of its own. A request that is no INVITE is given up after
 * 32 s, and from 3.5 s on nothing but its answer tells the sender that somebody is there.
 */
const ANSWER_MS = 10_000;

export class MessageInbox implements MethodTaker {
  readonly #agent: Agent;
  readonly #listeners = new Set<MessageListener>();

  constructor(agent: Agent) {
    this.#agent = agent;
    agent.takers.addMethod("MESSAGE", this);
  }

  add(listener: MessageListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: MessageListener): void {
    this.#listeners.delete(listener);
  }

  capabilities(): readonly HeaderField[] {
    const types = this.#types();
    return types.length === 0 ? [] : [["Accept", types.join(", ")]];
  }

  request(from: Incoming): void {
    const { agent, listeners, refusal } = this.#judge(from);
    if (refusal) return void agent.takers.answer(agent.endpoint, from, refusal);
    const answer = this.#answering(
      from,
      listeners.every(({ explicit }) => explicit),
    );
    if (!answer) return;
    const message = messageOf(from, agent.endpoint.now, answer);
    for (const one of listeners) one.take(message);
  }

  #judge(from: Incoming): {
    agent: Agent;
    listeners: readonly MessageListener[];
    refusal: Reply | undefined;
  } {
    const agent = this.#agent;
    const type = bodyType(from.request);
    const wanted = type ? [...this.#listeners].filter((one) => understands(one, type)) : [];
    const listeners = wanted.filter(({ isFull }) => !isFull);
    const refusal = this.#objection(from, type, wanted.length > 0, listeners.length > 0);
    return { agent, listeners, refusal };
  }

  #objection(
    { request }: Incoming,
    type: MediaType | undefined,
    isWanted: boolean,
    isTaken: boolean,
  ): Reply | undefined {
    // Nobody would ever see it: whoever sent it is told so.
    if (this.#listeners.size === 0) return { status: 480 };
    if (request.body.length > MAX_BODY) return { status: 413 };
    const encoding = (header(request, "Content-Encoding") ?? "identity").toLowerCase();
    if (!isWanted || !type || !isReadable(type) || encoding !== "identity") {
      //= RFC 3261 §8.2.3
      //# The response MUST contain an Accept header field listing the types of all bodies it
      //# understands, in the event the request contained bodies of types not supported by the UAS.
      const accept: HeaderField = ["Accept", this.#types().join(", ")];
      return { status: 415, headers: [accept, ["Accept-Encoding", "identity"]] };
    }
    return isTaken ? undefined : { status: 480, headers: [["Retry-After", "60"]] };
  }

  //= RFC 3428 §7
  //# A UAS receiving a MESSAGE request SHOULD respond with a final response immediately.
  //= RFC 3428 §7
  //# A 2xx response to a MESSAGE request MUST NOT contain a body. A UAS MUST NOT insert a Contact
  //# header field into a 2xx response.
  /** Accepts at once, unless all who get it want to answer themselves. Undefined: it is no news. */
  #answering(from: Incoming, isExplicit: boolean): Answering | undefined {
    const { takers, endpoint } = this.#agent;
    if (!isExplicit) return takers.answer(endpoint, from, { status: 200 }) ? () => {} : undefined;
    const server = takers.take(endpoint, from);
    if (!server) return undefined;
    const late = newTimer({ due: () => server.reply({ status: 480 }) });
    endpoint.schedule(late, endpoint.now + ANSWER_MS);
    return (status) => {
      endpoint.schedule(late, NEVER);
      server.reply({ status });
    };
  }

  #types(): readonly string[] {
    return [...new Set([...this.#listeners].flatMap(({ types }) => types))];
  }
}

const understands = ({ types }: MessageListener, type: MediaType): boolean =>
  types.some((one) => isMediaType(type, one));

function messageOf(from: Incoming, now: number, answer: Answering): IncomingMessage {
  const { request, essentials } = from;
  const contentType = header(request, "Content-Type") ?? "text/plain";
  const type = bodyType(request);
  if (!type) throw new RangeError("a message of no type");
  return new IncomingMessage(
    {
      ...{ from: peerOf(from), type, contentType, body: request.body },
      ...{ id: essentials.callId, ...datesOf(request, now) },
    },
    answer,
  );
}

/** Whom a request says it is from. */
export function peerOf({ essentials: { from } }: Incoming): Peer {
  return { uri: flat(from.uri), displayName: [...from.displayName].join("") };
}

/** Which messages are taken, and by whom they are answered. */
export interface MessagesOptions extends IterationOptions {
  /** Types of messages: `text/plain` if left out. */
  readonly accept?: readonly string[];
  /** You call `accept` or `reject` for each message, within ten seconds: then it is refused. */
  readonly explicit?: boolean;
}

/** Messages that nobody has looked at yet: with more of them, further ones are refused. */
const MAX_UNREAD = 1000;

//= RFC 3428 §7
//# A UAS that supports the MESSAGE method MUST be prepared to receive and render bodies of type
//# "text/plain", and may support reception and rendering of bodies of type "message/cpim" [7].
/** A listener that keeps messages until they are asked for. `ended` is called once. */
export function messageQueue(
  inbox: MessageInbox,
  { signal, accept = ["text/plain"], explicit = false }: MessagesOptions,
  ended: (queue: Queue<IncomingMessage>) => void,
): Queue<IncomingMessage> {
  const queue = new Queue<IncomingMessage>((one) => {
    inbox.remove(listener);
    ended(one);
  }, signal);
  const listener: MessageListener = {
    types: accept.map((one) => one.toLowerCase()),
    explicit,
    get isFull() {
      return queue.waiting >= MAX_UNREAD;
    },
    take: (message) => queue.push(message),
  };
  if (!queue.ended) inbox.add(listener);
  return queue;
}
