/**
 * Conversations: messages with receipts, and who writes. RFC 3428, RFC 3862, RFC 5438, RFC 3994.
 *
 * It stands beside `phone.messages()`, which knows plain messages only and may be used as well.
 */
import { CPIM_TYPE, type CpimMessage, parseCpim } from "../documents/cpim.ts";
import { IMDN_TYPE, type Imdn } from "../documents/imdn.ts";
import {
  formatIsComposing,
  IS_COMPOSING_TYPE,
  type IsComposing,
  parseIsComposing,
} from "../documents/is-composing.ts";
import { isToken } from "../grammar/chars.ts";
import { flat, toText } from "../grammar/octets.ts";
import { parseContentType } from "../message/header/content-type.ts";
import type { IncomingMessage } from "../ua/incoming-message.ts";
import type { MessageListener } from "../ua/message-inbox.ts";
import type { MessageAnswer, MessageOptions } from "../ua/message-outbox.ts";
import { type PhoneParts, partsOf } from "../ua/phone-parts.ts";
import { Changing, type IterationOptions, Queue } from "../ua/replay.ts";
import { SipError } from "../ua/sip-error.ts";
import type { Task } from "../ua/takers.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { ChatMessage } from "./chat-message.ts";
import { Composers } from "./composers.ts";
import { type Receipt, Receipts, SentReceipts } from "./receipts.ts";
import { Seen } from "./seen.ts";
import {
  type Asked,
  askedBy,
  uriIn,
  type Wish,
  wrapMessage,
  wrapReceipt,
} from "./wrapped-message.ts";

/** What messages are taken, and whether their senders are told. */
export interface ChatOptions {
  /** Types of content that can be shown; `text/plain` if left out. */
  readonly accept?: readonly string[];
  /** Whether senders who ask are told that their message arrived; true if left out. */
  readonly tellsDelivered?: boolean;
}

/** What goes with a message, beside what any MESSAGE may have. */
export interface SendOptions extends MessageOptions {
  /** What to hear of it. With any of them, or none in a list, it goes as message/cpim. */
  readonly receipts?: readonly Wish[];
  /**
   * Its Message-ID, a token that nobody can guess; made up if left out. What is sent again with the
   * same one, since nobody answered, is shown once.
   */
  readonly id?: string;
}

/** A message that was sent, and what becomes of it. */
export interface SentMessage extends MessageAnswer {
  /** Its Message-ID; undefined where it has none. */
  readonly id: string | undefined;
  /** What its readers tell of it. */
  notifications(options?: IterationOptions): AsyncIterableIterator<Receipt>;
}

/** Messages that nobody has looked at yet: with more of them, further ones are refused. */
const MAX_UNREAD = 1000;

/**
 * The conversations of a phone: one of `carillon/node`, of `carillon/browser`, or any other. There
 * is one for each: throws an Error for a second, and a TypeError for what is no phone.
 */
export function chat(phone: object, options: ChatOptions = {}): Chat {
  if (CHATS.has(phone)) throw new Error("this phone has a chat already");
  const made = new Chat(partsOf(phone), options, () => CHATS.delete(phone));
  CHATS.add(phone);
  return made;
}

const CHATS = new WeakSet<object>();

/** A phone's conversations, from `chat` until it is closed or its phone is. */
export class Chat implements Task {
  readonly #parts: PhoneParts;
  readonly #accept: readonly string[];
  readonly #tellsDelivered: boolean;
  readonly #ended: () => void;
  readonly #receipts = new Receipts();
  readonly #seen = new Seen();
  readonly #queues = new Set<Queue<ChatMessage>>();
  readonly #composers: Composers;
  readonly #writing = new Changing<readonly string[]>([]);
  /** For conversations: where, and who it is there. */
  readonly writers: Changing<readonly Writer[]> = new Changing<readonly Writer[]>([]);
  readonly #listener: MessageListener;

  constructor(parts: PhoneParts, options: ChatOptions, ended: () => void) {
    const { accept = ["text/plain"], tellsDelivered = true } = options;
    this.#parts = parts;
    this.#accept = accept.map((one) => one.toLowerCase());
    this.#tellsDelivered = tellsDelivered;
    this.#ended = ended;
    this.#composers = new Composers(parts.agent, {
      tell: (target, what, unsupported) => this.#tell(target, what, unsupported),
      changed: () => this.#writersChanged(),
    });
    this.#listener = {
      types: [...this.#accept, CPIM_TYPE, IS_COMPOSING_TYPE],
      explicit: true,
      isFull: false,
      take: (message) => this.#take(message),
    };
    parts.inTurn(() => {
      parts.inbox.add(this.#listener);
      parts.agent.takers.addTask(this);
    });
  }

  /**
   * Sends a message. Resolves once a device of theirs has it, or a server that may deliver it
   * later; rejects with a SipError. With its headers it has 1300 octets at most. Throws on a target
   * that is no address.
   */
  async send(target: string, body: string, options: SendOptions = {}): Promise<SentMessage> {
    const { receipts = options.id === undefined ? undefined : [], id, ...rest } = options;
    if (id !== undefined && !isToken(id)) throw new RangeError(`no Message-ID: ${id}`);
    const { agent, outbox, inTurn } = this.#parts;
    if (receipts === undefined) {
      const answer = outbox.send(target, body, rest, inTurn);
      this.#sent(target);
      return { ...(await answer), id: undefined, notifications: () => noReceipts().values() };
    }
    //= RFC 5438 §6.3
    //# it is RECOMMENDED that Message-IDs be generated using a cryptographically secure,
    //# pseudo-random number generator and contain at least 64 bits of randomness
    const messageId = id ?? agent.endpoint.ids.unique();
    const { contentType = "text/plain;charset=UTF-8" } = rest;
    const dateTime = new Date(this.#parts.now());
    const envelope = { from: agent.aor, to: target, messageId, dateTime };
    const octets = wrapMessage(envelope, { contentType, body }, receipts);
    // Before it leaves: a receipt may be quicker than the answer.
    const expected = this.#receipts.expect(messageId);
    const whole = { ...rest, contentType: CPIM_TYPE };
    const answer = outbox.send(target, toText(octets), whole, inTurn);
    this.#sent(target);
    const notifications = (more?: IterationOptions) => expected.values(more);
    return { ...(await answer), id: messageId, notifications };
  }

  /** Messages that come in; each listener gets every one, and each is shown once. */
  messages({ signal }: IterationOptions = {}): AsyncIterableIterator<ChatMessage> {
    const queue = new Queue<ChatMessage>((one) => this.#queues.delete(one), signal);
    if (!queue.ended) this.#queues.add(queue);
    return queue;
  }

  /**
   * Call it whenever something is typed to `target`: they are told, as seldom as it may be, and
   * that it stopped. Better not before they have written themselves (RFC 3994 §7).
   */
  composing(target: string): void {
    this.#parts.whileOpen(() => this.#composers.ours(target, "Composing"));
  }

  /** What was typed has been thrown away. */
  stopped(target: string): void {
    this.#parts.whileOpen(() => this.#composers.ours(target, "Stop"));
  }

  /** Who is writing to us, by their URIs: now, and whenever that changes. */
  composers(options?: IterationOptions): AsyncIterableIterator<readonly string[]> {
    return this.#writing.values(options);
  }

  /** Ends it: what comes for it is refused from then on. */
  close(): void {
    this.#parts.whileOpen(() => this.leave());
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  // ---- for conversations -----------------------------------------------------------------------

  /** For conversations, in the endpoint's turn: something went there by another way. */
  wrote(conversation: string): void {
    this.#composers.ours(conversation, "ContentSent");
  }

  /** For conversations, in the endpoint's turn: something of theirs came by another way. */
  heard(conversation: string, from: string): void {
    this.#composers.theirs(writerKey(conversation, from), { kind: "ContentReceived" });
  }

  // ---- for the phone ---------------------------------------------------------------------------

  /** For the phone: nothing, since messages wait for no connection. */
  cutOff(): void {}
  /** For the phone: nothing; what could not be delivered has been rejected. */
  back(): void {}

  /** For the phone, which is being closed: ends it, as `close`. */
  leave(): void {
    this.#parts.inbox.remove(this.#listener);
    this.#composers.end();
    this.#receipts.end();
    this.#writing.end();
    this.writers.end();
    for (const queue of [...this.#queues]) queue.end();
    this.#ended();
    this.#parts.agent.takers.removeTask(this);
  }

  /** For the phone, which is closed: ends it, and sends nothing more. */
  abandon(): void {
    this.leave();
  }

  // ---- writing ---------------------------------------------------------------------------------

  #sent(target: string): void {
    this.#parts.whileOpen(() => this.#composers.ours(target, "ContentSent"));
  }

  #tell(target: string, what: IsComposing, unsupported: () => void): void {
    const options = { contentType: IS_COMPOSING_TYPE };
    const body = toText(formatIsComposing(what));
    const run = (todo: () => void) => todo();
    this.#parts.outbox.send(target, body, options, run).catch((error: unknown) => {
      if (!(error instanceof SipError) || error.status !== 415) return;
      this.#parts.whileOpen(unsupported);
    });
  }

  // ---- reading ---------------------------------------------------------------------------------

  #take(message: IncomingMessage): void {
    const type = message.contentType.split(";")[0]?.trim().toLowerCase();
    if (type === IS_COMPOSING_TYPE) this.#told(message);
    else if (type === CPIM_TYPE) this.#unwrap(message);
    else this.#plain(message);
  }

  #writersChanged(): void {
    const writers = this.#composers.writing.map(writerOf);
    this.writers.set(writers);
    this.#writing.set([...new Set(writers.map(({ conversation }) => conversation))]);
  }

  #told(message: IncomingMessage): void {
    const composing = parseIsComposing(message.body);
    if (!composing.ok) return message.reject(400);
    message.accept();
    const { state, refreshSeconds } = composing.value;
    this.#composers.theirs(message.from.uri, { kind: "Told", state, refreshSeconds });
  }

  #plain(message: IncomingMessage): void {
    const { from, contentType, body, text, id, date } = message;
    const parts = { from, contentType, body, text, id, date, displayed: undefined };
    this.#show(message, new ChatMessage(parts));
  }

  #unwrap(message: IncomingMessage): void {
    const read = parseCpim(message.body);
    // A header that has to be understood, and is not: RFC 3862 §4.7.
    if (!read.ok || read.value.require.length > 0) return message.reject(400);
    const { value: cpim } = read;
    const asked = askedBy(cpim);
    const contentType = cpim.contentHeaders.get("content-type") ?? "";
    if (asked.isReceipt) {
      return this.#receipts.take(contentType, cpim.content)
        ? message.accept()
        : message.reject(400);
    }
    const type = parseContentType(contentType);
    const name = type.ok ? `${type.value.type}/${type.value.subtype}` : "";
    if (name === IS_COMPOSING_TYPE) return this.#toldInside(message, cpim);
    if (!this.#accept.includes(name) || name === IMDN_TYPE) return message.reject(415);
    this.#show(message, this.#chatMessage(message, cpim, asked), asked, cpim);
  }

  //= RFC 3994 §3.5
  //# The isComposing status message MAY be carried in CPIM messages [3].
  #toldInside(message: IncomingMessage, cpim: CpimMessage): void {
    const composing = parseIsComposing(cpim.content);
    if (!composing.ok) return message.reject(400);
    message.accept();
    const { state, refreshSeconds } = composing.value;
    // A group is not who writes: that stands within.
    const writer = writerKey(message.from.uri, cpim.from?.uri ?? message.from.uri);
    this.#composers.theirs(writer, { kind: "Told", state, refreshSeconds });
  }

  #chatMessage(message: IncomingMessage, cpim: CpimMessage, asked: Asked): ChatMessage {
    const displayed = asked.wishes.has("displayed")
      ? () =>
          this.#parts.whileOpen(() => this.#receipt(message, cpim, asked, "display", "displayed"))
      : undefined;
    return new ChatMessage({
      ...{ from: message.from, id: flat(asked.messageId ?? message.id), displayed },
      contentType: flat(cpim.contentHeaders.get("content-type") ?? ""),
      body: flat(cpim.content),
      date: cpim.dateTime ?? message.date,
    });
  }

  /** Shows it, unless it has been; one that nobody would see is refused. */
  #show(message: IncomingMessage, shown: ChatMessage, asked?: Asked, cpim?: CpimMessage): void {
    const ready = [...this.#queues].filter(({ waiting }) => waiting < MAX_UNREAD);
    if (ready.length === 0) return message.reject(480);
    message.accept();
    this.#composers.theirs(message.from.uri, { kind: "ContentReceived" });
    if (asked?.messageId !== undefined && !this.#seen.isNew(message.from.uri, asked.messageId))
      return;
    for (const queue of ready) queue.push(shown);
    //= RFC 5438 §12.1.3.1
    //# If an IM Recipient received a SIP MESSAGE request that is an IM requesting a
    //# positive-delivery notification, and that IM Recipient has constructed and sent a SIP 2xx
    //# class response, it MAY generate a positive-delivery notification after making sure that the
    //# IM has been delivered to the user or application.
    if (asked?.wishes.has("delivered") && cpim && this.#tellsDelivered) {
      this.#receipt(message, cpim, asked, "delivery", "delivered");
    }
  }

  //= RFC 5438 §12.1.3.1
  //# For IMDNs, the IM Recipient populates the SIP Request-URI and the SIP To header field using
  //# the address that appeared in the SIP From header field in the IM.
  #receipt(
    { from }: IncomingMessage,
    cpim: CpimMessage,
    { messageId, originalTo, recordRoutes }: Asked,
    kind: Imdn["kind"],
    status: string,
  ): void {
    const { agent, outbox } = this.#parts;
    const target = recordRoutes.length > 0 ? uriIn(recordRoutes[0]) : from.uri;
    // Whoever writes may choose the way of a receipt, but not a victim for it.
    if (messageId === undefined || !target || !isAtHome(target, from.uri, agent.aor)) return;
    const imdn: Imdn = {
      ...{ messageId, kind, status, dateTime: cpim.dateTime, originalRecipientUri: originalTo },
      recipientUri: cpim.to[0]?.uri ?? agent.aor,
    };
    const envelope = {
      ...{ from: agent.aor, to: cpim.from?.uri ?? from.uri },
      ...{ messageId: agent.endpoint.ids.unique(), dateTime: new Date(this.#parts.now()) },
    };
    const body = toText(wrapReceipt(envelope, imdn, recordRoutes));
    const run = (todo: () => void) => todo();
    // Whether it arrives is nobody's business any more: there is no receipt for a receipt.
    outbox.send(target, body, { contentType: CPIM_TYPE }, run).catch(() => {});
  }
}

/** Who is writing in a conversation. */
export interface Writer {
  readonly conversation: string;
  readonly from: string;
}

/** One text for both: no URI has a space. */
const writerKey = (conversation: string, from: string): string =>
  conversation === from ? conversation : `${conversation} ${from}`;

function writerOf(key: string): Writer {
  const [conversation = "", from = conversation] = key.split(" ");
  return { conversation, from };
}

/** Of a message that nobody tells anything of. */
function noReceipts(): SentReceipts {
  const none = new SentReceipts();
  none.end();
  return none;
}

/** Whether an address is in the domain of the one who wrote, or in one's own. */
function isAtHome(target: string, ...others: readonly string[]): boolean {
  const hostOf = (uri: string) => {
    const parsed = parseSipUri(uri.replace(/^im:/i, "sip:"));
    return parsed.ok ? parsed.value.host.toLowerCase() : undefined;
  };
  const host = hostOf(target);
  return host !== undefined && others.some((one) => hostOf(one) === host);
}
