/** The calls of a phone: those it makes, those that come in, and what they want of each other. */
import type { Incoming } from "../endpoint/incoming.ts";
import { flat } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Agent } from "./agent.ts";
import { answeringOf, answerModeHeaders, NOBODY } from "./answering.ts";
import { Call, type CallParts } from "./call.ts";
import type { About } from "./call-beside.ts";
import type { Peer } from "./call-state.ts";
import { joinHeaders, type NamedDialog, replacesHeaders } from "./claim.ts";
import type { IncomingSession } from "./incoming-session.ts";
import { IncomingTransfer } from "./incoming-transfer.ts";
import { invitationTo } from "./invitation.ts";
import type { MediaFactory, MediaSession, Wanted } from "./media.ts";
import { OutgoingSession } from "./outgoing-session.ts";
import { SentOutside } from "./outside-refer.ts";
import type { CallOptions, PhoneOptions } from "./phone-options.ts";
import type { ReceivedRefer } from "./received-refer.ts";
import { type IterationOptions, Queue } from "./replay.ts";
import type { SessionUser } from "./session.ts";
import { SipError } from "./sip-error.ts";
import { Transfer } from "./transfer.ts";

/** What calls need of the phone and its world. */
export interface PhoneCallsParts<M extends MediaSession> {
  readonly media: MediaFactory<M>;
  readonly now: () => number;
  /** Runs something in the endpoint's turn. */
  readonly inTurn: (run: () => void) => void;
  readonly isClosing: () => boolean;
}

type Options = Pick<PhoneOptions, "transfers" | "redirects" | "autoAnswer">;

const AUDIO: Wanted = { audio: true, video: false };

export class PhoneCalls<M extends MediaSession> {
  readonly #agent: Agent;
  readonly #options: Options;
  readonly #parts: PhoneCallsParts<M>;
  readonly #calls = new Set<Call<M>>();
  readonly #listeners = new Set<Queue<Call<M>>>();
  readonly #watchers = new Set<(call: Call) => void>();
  readonly #transfers = new Set<Queue<IncomingTransfer<M>>>();

  constructor(agent: Agent, options: Options, parts: PhoneCallsParts<M>) {
    this.#agent = agent;
    this.#options = options;
    this.#parts = parts;
  }

  call(target: string, wanted: Wanted, options: CallOptions): Call<M> {
    const { replaces, joins, answerMode } = options;
    return this.#dial(target, wanted, options, [
      ...(replaces ? replacesHeaders(dialogIn(replaces)) : []),
      ...(joins ? joinHeaders(dialogIn(joins)) : []),
      ...(answerMode ? answerModeHeaders(answerMode) : []),
    ]);
  }

  #dial(
    target: string,
    wanted: Wanted,
    options: CallOptions,
    headers: readonly HeaderField[],
  ): Call<M> {
    if (this.#parts.isClosing()) throw closed();
    const { uri } = invitationTo(target);
    const agent = this.#agent;
    const start = (offer: string, user: SessionUser) =>
      new OutgoingSession(agent, target, offer, user, agent.wayOut(options.direct), headers);
    // Without what the URI asks for, which is for this call alone: `saved` is called once more.
    const parts = this.#partsOf({ uri: flat(uri), displayName: "" });
    return this.#keep(Call.outgoing(parts, wanted, start, options));
  }

  coming({ signal }: IterationOptions = {}): AsyncIterableIterator<Call<M>> {
    const queue = new Queue<Call<M>>((one) => this.#listeners.delete(one), signal);
    if (this.#parts.isClosing()) queue.end();
    if (!queue.ended) this.#listeners.add(queue);
    return queue;
  }

  transfers({ signal }: IterationOptions = {}): AsyncIterableIterator<IncomingTransfer<M>> {
    const queue = new Queue<IncomingTransfer<M>>((one) => this.#transfers.delete(one), signal);
    if (this.#parts.isClosing()) queue.end();
    if (!queue.ended) this.#transfers.add(queue);
    return queue;
  }

  refer(
    whom: string,
    target: string,
    { reports = true }: { readonly reports?: boolean },
  ): Transfer {
    if (this.#parts.isClosing()) throw closed();
    const [{ uri }] = [invitationTo(whom), invitationTo(target)];
    const agent = this.#agent;
    const what = {
      ...{ referTo: `<${target}>`, referredBy: `<${agent.aor}>`, reports, headers: [] },
    };
    return new Transfer((user, asking) => {
      asking();
      this.#parts.inTurn(() => {
        const sent = SentOutside.send(agent, agent.wayOut(), uri, what, { ...user, gone() {} });
        if (!sent) user.failed(503, false);
      });
    });
  }

  async swap(held: Call<M>, other: Call<M>, wanted?: Wanted): Promise<void> {
    await held.hold();
    try {
      if (other.state.name === "Incoming") await other.answer(wanted);
      else await other.resume();
    } catch (cause) {
      await held.resume().catch(() => {});
      throw cause;
    }
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
    for (const queue of [...this.#listeners, ...this.#transfers]) queue.end();
  }

  // ---- what comes in ---------------------------------------------------------------------------

  called(session: IncomingSession, from: Incoming): void {
    const { autoAnswer = NOBODY } = this.#options;
    const how = answeringOf(from.request, peerOf(from), autoAnswer);
    if (how.kind === "Refuse") return session.reject(how.reply.status, how.reply.reasonPhrase);
    // Not even one that answers by itself: nobody could hang up.
    if (this.#listeners.size === 0) return session.reject(480);
    const call = this.#taken(session, from);
    if (how.kind === "ByItself") call.answerByItself(AUDIO);
    else session.ring();
  }

  /** A call that is about another one. */
  #about(session: IncomingSession, from: Incoming, about: About): Call<M> {
    const call = this.#taken(session, from, about);
    if (about.kind === "Replaces") call.answerByItself(about.wanted);
    else session.ring();
    return call;
  }

  #taken(session: IncomingSession, from: Incoming, about?: About): Call<M> {
    const call = this.#keep(Call.incoming(this.#partsOf(peerOf(from)), session, about));
    if (about?.kind !== "Join") for (const queue of this.#listeners) queue.push(call);
    return call;
  }

  /** A wish from outside of calls: nobody is called because a stranger wants it. */
  referred(refer: ReceivedRefer): void {
    const transfer = new IncomingTransfer<M>(refer, undefined, AUDIO, {
      inTurn: this.#parts.inTurn,
      dial: (target, wanted, by) => this.#dialFor(target, wanted, by),
    });
    this.#asked(transfer, false);
  }

  #asked(transfer: IncomingTransfer<M>, isHeard: boolean): void {
    for (const queue of this.#transfers) queue.push(transfer);
    if (isHeard || this.#transfers.size > 0) return;
    const isFollowed = this.#options.transfers === "follow" && transfer.call !== undefined;
    // Not in the turn that it came in.
    void Promise.resolve().then(() => {
      if (isFollowed && !this.#parts.isClosing()) transfer.accept();
      else transfer.refuse();
    });
  }

  #dialFor(target: string, wanted: Wanted, referredBy: string | undefined): Call<M> {
    return this.#dial(target, wanted, {}, referredBy ? [["Referred-By", referredBy]] : []);
  }

  #keep(call: Call<M>): Call<M> {
    this.#calls.add(call);
    for (const called of this.#watchers) called(call as unknown as Call);
    call.ended.then(() => this.#calls.delete(call));
    return call;
  }

  #partsOf(peer: Peer): CallParts<M> {
    const { redirects = "follow" } = this.#options;
    const { media, now, inTurn } = this.#parts;
    return {
      ...{ id: this.#agent.endpoint.ids.unique(), peer, media, now, inTurn, redirects },
      phone: {
        aor: this.#agent.aor,
        dial: (target, wanted, by) => this.#dialFor(target, wanted, by),
        taken: (session, from, about) => this.#about(session, from, about),
        asked: (transfer, isHeard) => this.#asked(transfer as IncomingTransfer<M>, isHeard),
      },
    };
  }
}

const peerOf = ({ essentials: { from } }: Incoming): Peer => ({
  uri: flat(from.uri),
  // As `flat`, for text that is no octets.
  displayName: [...from.displayName].join(""),
});

//= RFC 3891 §4
//# A UAC MUST NOT send an INVITE with a Replaces header field that attempts to replace an early
//# dialog which was not originated by the target of the INVITE with a Replaces header field.
/** Throws an Error for a call of ours that nobody has answered. */
function dialogIn(call: Call | NamedDialog): NamedDialog {
  if (!(call instanceof Call)) return call;
  const { dialog, direction, state } = call;
  const isEarly = state.name === "Dialing" || state.name === "Ringing";
  if (!dialog || (direction === "outgoing" && isEarly)) {
    throw new Error("nobody has answered that call: it has no dialog to come back to");
  }
  return dialog;
}

export const closed = (): SipError => new SipError("SIP_CLOSED", "The phone was closed.");
