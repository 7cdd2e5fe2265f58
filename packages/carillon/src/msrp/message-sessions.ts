/**
 * Calls of a phone that are MSRP sessions, and not voice: made, and taken. RFC 4975 §8. What is
 * built on them finds it here, behind the phone.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { flat } from "../grammar/octets.ts";
import { Call } from "../ua/call.ts";
import { invitationTo } from "../ua/invitation.ts";
import type { MediaFactory } from "../ua/media.ts";
import { peerOf } from "../ua/message-inbox.ts";
import { beginSession, type Reception } from "../ua/new-request.ts";
import { OutgoingSession } from "../ua/outgoing-session.ts";
import { type PhoneParts, partsOf } from "../ua/phone-parts.ts";
import type { MsrpWorld } from "./link.ts";
import { MessageEnd, type RelayUse } from "./message-end.ts";
import { MessageMedia, type MessageTerms } from "./message-media.ts";
import { isAboutMessages, type MessageStream, readStream } from "./message-stream.ts";

/** A call that is a session of messages. */
export type MessageCall = Call<MessageMedia>;

/** A session that somebody offers, before it is answered. */
export interface OfferedSession {
  /** Who, and what they say of it. */
  readonly from: Incoming;
  readonly stream: MessageStream;
  /** Takes it: the call comes back, to be answered or declined. */
  take(terms: MessageTerms): MessageCall;
}

/** Looks at what is offered; true takes it. */
export type OfferTaker = (offered: OfferedSession) => boolean;

export class MessageSessions {
  readonly end: MessageEnd;
  readonly parts: PhoneParts;
  readonly takers: OfferTaker[] = [];
  readonly #calls = new Set<MessageCall>();

  constructor(parts: PhoneParts, world: MsrpWorld, options: MessageSessionsOptions) {
    this.parts = parts;
    this.end = new MessageEnd(parts, world, options);
    parts.agent.abilities.invited.push((from, reception) => this.#invited(from, reception));
    parts.calls.leaving.push(() => {
      for (const call of this.#calls) call.leave();
    });
  }

  /** Calls somebody for a session. Throws on a target that is no address. */
  call(target: string, terms: MessageTerms, signal?: AbortSignal): MessageCall {
    const { agent } = this.parts;
    const { uri } = invitationTo(target, agent.abilities.requestOf);
    const parts = this.#callParts({ uri: flat(uri), displayName: "" }, terms);
    const call = Call.outgoing<MessageMedia>(
      parts,
      NOTHING,
      (offer, user) => new OutgoingSession(agent, target, offer, user, agent.wayOut()),
    );
    signal?.addEventListener("abort", () => call.hangUp(), { once: true });
    return this.#keep(call);
  }

  #invited(from: Incoming, reception: Reception): boolean {
    const offer = reception.agent.abilities.descriptionIn(from.request);
    if (!isAboutMessages(offer)) return false;
    const found = readStream(offer);
    if (!found.ok) return false;
    const offered: OfferedSession = {
      from,
      stream: found.value.stream,
      take: (terms) => {
        const session = beginSession(from, reception);
        if (!session) throw new Error("it could not be taken");
        const call = Call.incoming(this.#callParts(peerOf(from), terms), session, from.request);
        this.#keep(call);
        session.ring();
        return call;
      },
    };
    return this.takers.some((takes) => takes(offered));
  }

  #callParts(peer: Call["peer"], terms: MessageTerms) {
    const { agent, calls, now, whileOpen } = this.parts;
    const media: MediaFactory<MessageMedia> = () => new MessageMedia(this.end, terms);
    // What it needs of the phone is not about media.
    const phone = calls as unknown as Parameters<typeof Call.outgoing<MessageMedia>>[0]["phone"];
    return { id: agent.endpoint.ids.unique(), peer, media, now, inTurn: whileOpen, phone };
  }

  #keep(call: MessageCall): MessageCall {
    this.#calls.add(call);
    call.answered.catch(() => {});
    void call.ended.then(() => this.#calls.delete(call));
    return call;
  }
}

const NOTHING = { audio: false, video: false };
const PHONES = new WeakMap<object, MessageSessions>();

/** How a phone's message sessions go. */
export interface MessageSessionsOptions {
  /** By way of this relay, so that nobody has to connect to the phone. RFC 4976. */
  readonly relay?: RelayUse;
  /**
   * The longest chunk, in octets: 256 KiB, if left out. RFC 4975 §7.1.1 has everybody take chunks
   * of any size; some relays (Kamailio's) do not.
   */
  readonly chunkOctets?: number;
}

/**
 * Has a phone send and take MSRP sessions, over connections of this world: `webSocketMsrp` of
 * `carillon/browser`, `streamMsrp` of `carillon/node`. Once for each phone: again is an Error.
 * Throws a RangeError on a relay that is no MSRP URI.
 */
export function messageSessions(
  phone: object,
  world: MsrpWorld,
  options: MessageSessionsOptions = {},
): void {
  if (PHONES.has(phone)) throw new Error("this phone has message sessions already");
  PHONES.set(phone, new MessageSessions(partsOf(phone), world, options));
}

/** What a phone has of them. Throws an Error for one without. */
export function sessionsOf(phone: object): MessageSessions {
  const sessions = PHONES.get(phone);
  if (!sessions)
    throw new Error("this phone has no message sessions: messageSessions(phone, world)");
  return sessions;
}
