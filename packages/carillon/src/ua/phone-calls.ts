/** The calls of a phone: those it makes, and those that come in. */
import type { Incoming } from "../endpoint/incoming.ts";
import { flat } from "../grammar/octets.ts";
import { checkAdded } from "./added-headers.ts";
import type { Agent } from "./agent.ts";
import { Call, type CallParts } from "./call.ts";
import type { Peer } from "./call-state.ts";
import type { IncomingSession } from "./incoming-session.ts";
import { invitationTo } from "./invitation.ts";
import type { MediaFactory, MediaSession, Wanted } from "./media.ts";
import { peerOf } from "./message-inbox.ts";
import { OutgoingSession } from "./outgoing-session.ts";
import type { CallOptions } from "./phone-options.ts";
import { type IterationOptions, Queue } from "./replay.ts";
import type { SessionUser } from "./session.ts";
import { SipError } from "./sip-error.ts";

/** What calls need of the phone and its world. */
export interface PhoneCallsParts<M extends MediaSession> {
  readonly media: MediaFactory<M>;
  readonly now: () => number;
  /** Runs something in the endpoint's turn. */
  readonly inTurn: (run: () => void) => void;
  readonly isClosing: () => boolean;
}

export const AUDIO: Wanted = { audio: true, video: false };

export class PhoneCalls<M extends MediaSession = MediaSession> {
  readonly agent: Agent;
  /** Called when the phone is being closed. */
  readonly leaving: (() => void)[] = [];
  readonly #parts: PhoneCallsParts<M>;
  readonly #calls = new Set<Call<M>>();
  readonly #listeners = new Set<Queue<Call<M>>>();
  readonly #watchers = new Set<(call: Call) => void>();

  constructor(agent: Agent, parts: PhoneCallsParts<M>) {
    this.agent = agent;
    this.#parts = parts;
  }

  get isClosing(): boolean {
    return this.#parts.isClosing();
  }

  call(target: string, wanted: Wanted, options: CallOptions): Call<M> {
    if (this.isClosing) throw closed();
    const { agent } = this;
    const { headers, direct, signal } = options;
    if (headers) checkAdded(headers);
    const { uri } = invitationTo(target, agent.abilities.requestOf);
    const start = (offer: string, user: SessionUser) =>
      new OutgoingSession(agent, target, offer, user, agent.wayOut(direct), headers);
    // Without what the URI asks for, which is for this call alone: `saved` is called once more.
    const parts = this.#partsOf({ uri: flat(uri), displayName: "" });
    const call = this.#keep(Call.outgoing(parts, wanted, start, options));
    if (signal) hangUpWith(signal, call);
    return call;
  }

  coming({ signal }: IterationOptions = {}): AsyncIterableIterator<Call<M>> {
    const queue = new Queue<Call<M>>((one) => this.#listeners.delete(one), signal);
    if (this.isClosing) queue.end();
    if (!queue.ended) this.#listeners.add(queue);
    return queue;
  }

  /** Every call there is, and every later one, until the result is called. */
  watch(called: (call: Call) => void): () => void {
    for (const call of this.#calls) called(call);
    this.#watchers.add(called);
    return () => void this.#watchers.delete(called);
  }

  /** The phone is being closed. */
  leave(): void {
    for (const call of this.#calls) call.leave();
    for (const queue of this.#listeners) queue.end();
    for (const leave of this.leaving) leave();
  }

  // ---- what comes in ---------------------------------------------------------------------------

  called(session: IncomingSession, from: Incoming): void {
    const how = this.agent.abilities.answering?.(from.request, peerOf(from));
    if (how?.kind === "Refuse") return session.reject(how.reply.status, how.reply);
    // Not even one that answers by itself: nobody could hang up.
    if (this.#listeners.size === 0) return session.reject(480);
    const call = this.taken(session, from);
    this.announce(call);
    if (how?.kind === "ByItself") call.answerByItself(AUDIO);
    else session.ring();
  }

  /** A call of what has come in, which nobody has been told of yet. */
  taken(session: IncomingSession, from: Incoming): Call<M> {
    return this.#keep(Call.incoming(this.#partsOf(peerOf(from)), session, from.request));
  }

  /** Tells of it. */
  announce(call: Call<M>): void {
    for (const queue of this.#listeners) queue.push(call);
  }

  #keep(call: Call<M>): Call<M> {
    this.#calls.add(call);
    for (const called of this.#watchers) called(call);
    call.ended.then(() => this.#calls.delete(call));
    return call;
  }

  #partsOf(peer: Peer): CallParts<M> {
    const { media, now, inTurn } = this.#parts;
    return { id: this.agent.endpoint.ids.unique(), peer, media, now, inTurn, phone: this };
  }
}

function hangUpWith(signal: AbortSignal, call: Call): void {
  const hangUp = (): void => call.hangUp();
  if (signal.aborted) return hangUp();
  signal.addEventListener("abort", hangUp, { once: true });
  void call.ended.then(() => signal.removeEventListener("abort", hangUp));
}

export const closed = (): SipError => new SipError("SIP_CLOSED", "The phone was closed.");
