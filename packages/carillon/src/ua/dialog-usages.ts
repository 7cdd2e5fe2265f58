/**
 * REFERs both ways, with the subscriptions that come with them, in a dialog that they share with a
 * session or have alone. RFC 5057, RFC 3515.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import type { EventType } from "../message/header/event.ts";
import type { DialogUse } from "./abilities.ts";
import type { DialogSide } from "./dialog-side.ts";
import { ReceivedRefer } from "./received-refer.ts";
import { referEventOf, unknownEvent } from "./refer-event.ts";
import { readRefer } from "./refer-request.ts";
import { type Referring, SentRefer, type SentReferUser } from "./sent-refer.ts";

export interface DialogUsagesUser {
  /** They ask this side to call somebody: allow it or refuse it, within a second or so. */
  referred(refer: ReceivedRefer): void;
  /** No subscription needs the dialog any more. */
  idle(): void;
}

/** REFERs at a time each way: a call is transferred once, or tried a few times. */
const MAX_REFERS = 8;

export class DialogUsages implements DialogUse {
  readonly #side: DialogSide;
  readonly #user: DialogUsagesUser;
  readonly #sent = new Set<SentRefer>();
  readonly #received = new Set<ReceivedRefer>();
  /** The first REFER of ours, and whether there was one of theirs. RFC 3515 §2.4.6. */
  #first: SentRefer | undefined;
  #hasReceived = false;

  constructor(side: DialogSide, user: DialogUsagesUser) {
    this.#side = side;
    this.#user = user;
  }

  get isIdle(): boolean {
    return this.#sent.size + this.#received.size === 0;
  }

  //= RFC 3515 §2
  //# REFERs occurring inside an existing dialog MUST follow the Route/Record-Route logic of that
  //# dialog.
  /** Sends a REFER in the dialog; undefined when there are too many. */
  refer(what: Referring, user: SentReferUser): SentRefer | undefined {
    if (this.#sent.size >= MAX_REFERS) return undefined;
    const side = this.#side;
    const send: DialogSide["send"] = (method, more, body, requestUser) =>
      side.send(method, [side.contact, ...more], body, requestUser);
    return this.add((gone) => {
      const ended = () => {
        gone();
        user.gone();
      };
      return new SentRefer(side.agent.endpoint, send, what, { ...user, gone: ended });
    });
  }

  /** Keeps one that `make` makes until `gone` is called. */
  add(make: (gone: () => void) => SentRefer): SentRefer {
    const refer: SentRefer = make(() => {
      this.#sent.delete(refer);
      this.#ifIdle();
    });
    this.#first ??= refer;
    this.#sent.add(refer);
    return refer;
  }

  /** A request of this dialog. False: it is about something else. */
  request(from: Incoming): boolean {
    const { request } = from;
    if (request.method !== "REFER") return this.#subscription(from);
    this.#referred(from);
    return true;
  }

  /** A NOTIFY or SUBSCRIBE. */
  #subscription(from: Incoming): boolean {
    const { method } = from.request;
    const event = referEventOf(from.request);
    if (!event) return false;
    if (method === "NOTIFY") this.#notified(from, event);
    else if (method === "SUBSCRIBE") this.#subscribed(from, event);
    return true;
  }

  //= RFC 6665 §4.1.3
  //# Upon receiving a NOTIFY request, the subscriber should check that it matches at least one of
  //# its outstanding subscriptions; if not, it MUST return a 481 (Subscription does not exist)
  //# response unless another 400-or 500-class response is more appropriate.
  #notified(from: Incoming, event: EventType): void {
    const sent = [...this.#sent];
    const refer =
      event.id === undefined
        ? sent.find((one) => one === this.#first)
        : sent.find((one) => one.id === event.id);
    if (refer) refer.notify(from, event);
    else this.#side.agent.endpoint.reply(from, { status: 481 });
  }

  #subscribed(from: Incoming, { id }: EventType): void {
    const received = [...this.#received];
    const refer =
      received.find((one) => one.id === id) ?? received.find((one) => one.number === id);
    if (refer) refer.subscribe(from);
    else this.#side.agent.endpoint.reply(from, unknownEvent(from.request));
  }

  #referred(from: Incoming): void {
    const { endpoint, ongoing } = this.#side.agent;
    const what = readRefer(from);
    if (!what.ok) return endpoint.reply(from, { status: what.error.status });
    if (this.#received.size >= MAX_REFERS) return endpoint.reply(from, { status: 486 });
    const server = endpoint.accept(from, {
      ...UNCONCERNED,
      terminated: (one) => void ongoing.delete(one),
    });
    if (!server) return;
    ongoing.add(server);
    const isFirst = !this.#hasReceived;
    this.#hasReceived = true;
    const refer: ReceivedRefer = new ReceivedRefer(this.#side, server, what.value, isFirst, () => {
      this.#received.delete(refer);
      this.#ifIdle();
    });
    this.#received.add(refer);
    this.#user.referred(refer);
  }

  #ifIdle(): void {
    if (this.isIdle) this.#user.idle();
  }
}
