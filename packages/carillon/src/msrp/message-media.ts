/**
 * The media of a call that is an MSRP session: its descriptions, and its connection. RFC 4975 §8.
 */

import { reversed } from "../sdp/attribute/direction.ts";
import { answeredSetup, type Setup } from "../sdp/attribute/setup.ts";
import type { Description } from "../sdp/description.ts";
import type { MediaSession } from "../ua/media.ts";
import { SipError } from "../ua/sip-error.ts";
import type { MessageEnd, Place } from "./message-end.ts";
import {
  type Author,
  aboutOf,
  describeStream,
  type FoundStream,
  type MessageStream,
  readStream,
} from "./message-stream.ts";
import type { MsrpUri } from "./msrp-uri.ts";
import { RelayRefusal } from "./relay-client.ts";
import type { MsrpSession, SessionUser } from "./session.ts";

/** What the two sides say to each other beside how they are reached. */
export interface MessageTerms {
  /** Who hears what comes in. */
  readonly user: SessionUser;
  /** The largest message that is taken, in octets. */
  readonly maxOctets: number;
  /** What is offered. */
  offer(): Said;
  /** What an offer is answered with; throws a SipError (488) where it cannot be taken. */
  answer(offered: MessageStream): Said;
  /** No session can be had, now or later; why, in words. */
  hopeless?(why: string): void;
  /** Both have said it. */
  agreed(theirs: MessageStream, description: Description, about: string | undefined): void;
}

/** What a side says of itself. */
export interface Said extends Pick<MessageStream, "accept" | "wrapped" | "direction" | "lines"> {
  /** A URL: `u=`. */
  readonly about?: string | undefined;
}

/** One session of MSRP as the media of a call: the call asks it for descriptions. */
export class MessageMedia implements MediaSession {
  /** Set by the call. */
  onlost: ((why: string) => void) | undefined;
  readonly #end: MessageEnd;
  readonly #terms: MessageTerms;
  readonly #sessionId: string;
  #session: MsrpSession | undefined;
  #place: Promise<Place> | undefined;
  #through: Place["through"];
  #path: readonly MsrpUri[] = [];
  #last: string | undefined;
  #theirs: readonly MsrpUri[] = [];
  #version = 0;

  constructor(end: MessageEnd, terms: MessageTerms) {
    this.#end = end;
    this.#terms = terms;
    this.#sessionId = String(Number.parseInt(end.host.random(6), 16));
  }

  /** There once something has been described. */
  get session(): MsrpSession | undefined {
    return this.#session;
  }

  /** A description to offer; the same one again, later. */
  async offer(): Promise<string> {
    // A later one changes nothing: it keeps the call alive.
    if (this.#last !== undefined) return this.#last;
    const said = this.#terms.offer();
    // Who can be reached leaves it to the other side, which may be behind a NAT. RFC 6135 §4.2.
    return this.#describe(said, (await this.#canBeReached()) ? "actpass" : "active");
  }

  /** Answers an offer; rejects with a SipError (488) on what cannot be taken. */
  async answer(text: string): Promise<string> {
    const found = streamIn(text);
    if (this.#last !== undefined) return this.#answeredAgain(found);
    const { stream } = found;
    const said = this.#terms.answer(stream);
    const isReached = await this.#canBeReached();
    const role = answeredSetup(stream.setup, isReached ? "passive" : "active");
    if (role !== "active" && !isReached) throw new SipError("SIP_MEDIA", NOBODY_OPENS, 488);
    // Whoever knows nothing of roles opens it: so it is not told.
    const told = stream.setup === undefined ? undefined : role;
    const answer = await this.#describe(said, told, found);
    this.#agree(found, role === "active");
    return answer;
  }

  /** Takes in the answer to what was offered; rejects with a SipError (488) on a bad one. */
  async accept(text: string): Promise<void> {
    if (this.#theirs.length > 0) return;
    const found = streamIn(text);
    //= RFC 4975 §8.5
    //# The party that sent the original offer is responsible for connecting to its peer.
    this.#agree(found, found.stream.setup !== "active");
  }

  /** Nothing of a session of messages is held. */
  async want(): Promise<void> {}

  /** The call is over, and the session with it. */
  close(): void {
    this.#session?.close();
  }

  //= RFC 4975 §8.4
  //# If either party wishes to send an SDP document that changes nothing at all, then it MUST use
  //# the same o-line as in the previous exchange.
  async #answeredAgain(found: FoundStream): Promise<string> {
    const { stream } = found;
    const before = this.#theirs.at(-1)?.sessionId;
    if (stream.path.at(-1)?.sessionId !== before) {
      throw new SipError("SIP_MEDIA", "A session cannot move to another path.", 488);
    }
    return this.#last ?? "";
  }

  async #canBeReached(): Promise<boolean> {
    return (await this.#ends()).isReached;
  }

  /** The session, and the way to it. */
  async #ends(): Promise<{ readonly isReached: boolean }> {
    this.#place ??= this.#end.place();
    const place = await this.#place.catch((cause: unknown) => {
      if (cause instanceof RelayRefusal) this.#terms.hopeless?.(cause.message);
      throw cause;
    });
    if (!this.#session) {
      const { maxOctets } = this.#terms;
      const user: SessionUser = {
        ...this.#terms.user,
        incoming: (about) => this.#terms.user.incoming(about),
        lost: (why) => {
          this.#terms.user.lost(why);
          this.onlost?.(why);
        },
      };
      this.#session = this.#end.session(place, user, maxOctets);
      this.#path = [...place.relays, this.#session.own];
      this.#through = place.through;
    }
    return { isReached: place.isReached };
  }

  async #describe(said: Said, setup: Setup | undefined, offer?: FoundStream): Promise<string> {
    await this.#ends();
    const { maxOctets } = this.#terms;
    const stream: MessageStream = { ...said, setup, path: this.#path, maxOctets };
    const author: Author = {
      ...{ sessionId: this.#sessionId, version: ++this.#version, about: said.about },
    };
    this.#last = describeStream(stream, author, offer);
    return this.#last;
  }

  #agree({ stream, description }: FoundStream, isActive: boolean): void {
    this.#theirs = stream.path;
    const session = this.#session;
    if (!session) return;
    this.#terms.agreed(stream, description, aboutOf(description));
    this.#end.join(session, stream.path, isActive, this.#through).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      session.close();
      this.#terms.user.lost(why);
      this.onlost?.(why);
    });
  }
}

function streamIn(text: string): FoundStream {
  const found = readStream(text);
  if (!found.ok) throw new SipError("SIP_MEDIA", found.error.message, 488);
  return found.value;
}

/** The direction that answers another one. */
export const answering = (stream: MessageStream): MessageStream["direction"] =>
  reversed(stream.direction);

/** A media type as headers have it; what is none is octets. */
export const mediaTypeOf = (type: string): string =>
  /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}$/.test(type) ? type : "application/octet-stream";

const NOBODY_OPENS = "Neither of the two can be connected to.";
