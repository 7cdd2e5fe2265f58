/**
 * An INVITE of theirs in a dialog, the first or a later one: what it is answered with, until the
 * ACK. RFC 3261 §13.3, §14.2, RFC 3262 §3.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerTransaction } from "../endpoint/server-transaction.ts";
import { fromText } from "../grammar/octets.ts";
import type { TimerAnswer } from "../usage/session-interval.ts";
import type { BesideProgress, Reliable } from "./abilities.ts";
import { AwaitedAck } from "./awaited-ack.ts";
import { descriptionIn } from "./described.ts";
import { described } from "./dialog-side.ts";
import { NOT_UNDERSTOOD } from "./farewell.ts";
import type { LegParts } from "./leg-parts.ts";
import { supportedHeader } from "./objection.ts";
import { lists } from "./option-tag.ts";

/** As much of a server transaction as answering an INVITE takes. */
export type InviteServer = Pick<ServerTransaction, "incoming" | "reply" | "respond">;

/** What came is kept only as long as it has to be answered. */
type State =
  /** No final response yet… */
  | { readonly name: "Open"; readonly server: InviteServer }
  /** …because a 2xx waits for a PRACK. */
  | { readonly name: "Accepting"; readonly server: InviteServer }
  | { readonly name: "Unacknowledged"; readonly ack: AwaitedAck }
  | { readonly name: "Over" };

export class ReceivedInvite {
  readonly isFirst: boolean;
  readonly #parts: LegParts;
  readonly #timer: TimerAnswer;
  readonly #accepted: () => void;
  readonly #reliable: Reliable | undefined;
  /** 180 has to be acknowledged, too. */
  readonly #isStrict: boolean;
  #state: State;

  /**
   * `timer` is what it is granted, `accepted` is called with the 2xx, `unheard` if nobody
   * acknowledges what has to be acknowledged before it: it is refused then.
   */
  constructor(
    parts: LegParts,
    server: InviteServer,
    timer: TimerAnswer,
    on: { readonly accepted: () => void; readonly unheard?: () => void },
  ) {
    const { request } = server.incoming;
    this.isFirst = on.unheard !== undefined;
    this.#parts = parts;
    this.#state = { name: "Open", server };
    this.#timer = timer;
    this.#accepted = on.accepted;
    const required = lists(request, "Require", "100rel");
    const asked = { required, supported: lists(request, "Supported", "100rel") };
    this.#isStrict = required;
    const { unheard } = on;
    const { reliable } = parts.side.agent.abilities;
    // A later INVITE is answered at once, without anything before it.
    this.#reliable = unheard && reliable?.(parts, server, asked, unheard);
  }

  get isOpen(): boolean {
    return this.#state.name === "Open" || this.#state.name === "Accepting";
  }

  get awaitsAck(): boolean {
    return this.#state.name === "Unacknowledged";
  }

  /** Whether this is the INVITE that waits for an answer. */
  is(server: InviteServer): boolean {
    return "server" in this.#state && this.#state.server === server;
  }

  /** Tells that somebody is being looked for. */
  ring(): void {
    if (this.#state.name !== "Open") return;
    //= RFC 3262 §3
    //# The UAS MUST send any non-100 provisional response reliably if the initial request contained
    //# a Require header field with the option tag 100rel.
    if (this.#isStrict) this.#reliable?.send(180, "");
    else this.#state.server.reply({ status: 180, ...this.#about(this.#state.server) });
  }

  /** Answers its offer, or offers, before anybody answers the call. False: it cannot be. */
  early(description: string): boolean {
    const { negotiation } = this.#parts;
    if (this.#state.name !== "Open") return false;
    if (this.#reliable) {
      if (!negotiation.maySend("1xx-rel", description)) return false;
      this.#reliable.send(183, description);
      return true;
    }
    if (!negotiation.sent("1xx", description)) return false;
    const body = fromText(description);
    const { server } = this.#state;
    const { headers, toTag } = this.#about(server);
    server.reply({ status: 183, headers: [...headers, ...described(body)], toTag, body });
    return true;
  }

  /** Says something else while it rings. True: they take that. */
  beside(what: BesideProgress): boolean | undefined {
    if (this.#state.name !== "Open") return undefined;
    return what.isFor(this.#state.server.incoming.request) && this.#reliable?.send(183, "", what);
  }

  /** Accepts it, with a description unless that has been told early. */
  accept(description: string): void {
    if (this.#state.name !== "Open") return;
    const { server } = this.#state;
    this.#state = { name: "Accepting", server };
    if (this.#reliable) this.#reliable.whenHeard(() => this.#succeed(server, description));
    else this.#succeed(server, description);
  }

  #succeed(server: InviteServer, description: string): void {
    const { side, negotiation, modification, timer, fail } = this.#parts;
    const { endpoint } = side.agent;
    //= RFC 3261 §13.3.1.4
    //# If the INVITE request contained an offer, and the UAS had not yet sent an answer, the 2xx
    //# MUST contain an answer. If the INVITE did not contain an offer, the 2xx MUST contain an
    //# offer if the UAS had not yet sent an offer.
    //= RFC 3261 §13.2.1
    //# If the initial offer is in an INVITE, the answer MUST be in a reliable non-failure message
    //# from UAS back to UAC which is correlated to that INVITE.
    //= RFC 3261 §13.2.1
    //# Once the UAS has sent or received an answer to the initial offer, it MUST NOT generate
    //# subsequent offers in any responses to the initial INVITE.
    const told = negotiation.maySend("2xx-INVITE") ? "" : negotiation.previewed || description;
    if (!negotiation.sent("2xx-INVITE", told)) return fail(NOT_UNDERSTOOD, "MediaFailed");
    side.confirm();
    this.#accepted();
    const body = fromText(told);
    const { headers, toTag } = this.#about(server);
    const all = [
      ...headers,
      ...supportedHeader(side.agent),
      ...side.agent.abilities.timing.granting(this.#timer),
      ...described(body),
    ];
    const reply = { status: 200, headers: all, body, toTag };
    const text = endpoint.composeReply(server.incoming, reply);
    this.#state = { name: "Unacknowledged", ack: new AwaitedAck(endpoint, server, text) };
    modification.replied("INVITE", 200);
    timer.grant(this.#timer);
  }

  /** `over` is called once nothing more can come of it. */
  refuse(reply: Reply, over: () => void = () => {}): void {
    if (!("server" in this.#state)) return;
    const { server } = this.#state;
    this.#state = { name: "Over" };
    server.reply({ ...reply, toTag: this.#parts.side.localTag });
    this.#parts.negotiation.sent("failure-INVITE");
    this.#parts.modification.replied("INVITE", reply.status);
    if (this.#reliable) this.#reliable.stop(reply.status, over);
    else over();
  }

  prack(from: Incoming): void {
    if (this.#reliable) this.#reliable.prack(from);
    else this.#parts.side.agent.endpoint.reply(from, { status: 481 });
  }

  /** An ACK; true if it is the one that this waited for. */
  ack({ request, essentials }: Incoming): boolean {
    const { negotiation, modification, user, fail } = this.#parts;
    if (this.#state.name !== "Unacknowledged" || !this.#state.ack.isFor(essentials)) return false;
    this.stop();
    //= RFC 3261 §13.2.1
    //# If the initial offer is in the first reliable non-failure message from the UAS back to UAC,
    //# the answer MUST be in the acknowledgement for that message (in this specification, ACK for a
    //# 2xx response).
    const { answer, broken } = negotiation.received("ACK", descriptionIn(request));
    modification.acknowledged();
    if (answer !== undefined) user.agreed(answer);
    if (broken) fail(NOT_UNDERSTOOD, "MediaFailed");
    return true;
  }

  /** Nobody waits for its ACK any more. */
  stop(): void {
    if (this.#state.name === "Unacknowledged") this.#state.ack.stop();
    this.#state = { name: "Over" };
  }

  #about({ incoming }: InviteServer) {
    const { side } = this.#parts;
    return { headers: side.aboutIn(incoming.request), toTag: side.localTag };
  }
}
