/** Changes that the other side makes in a dialog. RFC 3261 §14.2, RFC 3311 §5.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import { fromText } from "../grammar/octets.ts";
import type { TimerAnswer } from "../usage/session-interval.ts";
import { descriptionIn } from "./described.ts";
import { described } from "./dialog-side.ts";
import type { LegParts } from "./leg-parts.ts";
import { supportedHeader } from "./objection.ts";
import { type InviteServer, ReceivedInvite } from "./received-invite.ts";

export class ReceivedChanges {
  readonly #parts: LegParts;
  readonly #acknowledged: () => void;
  /** The last one. */
  #invite: ReceivedInvite | undefined;
  /** Refuses the UPDATE that waits for its answer. */
  #refuseUpdate: ((reply: Reply) => void) | undefined;

  /** `acknowledged` is called when the ACK of the first INVITE has come. */
  constructor(parts: LegParts, acknowledged: () => void) {
    this.#parts = parts;
    this.#acknowledged = acknowledged;
  }

  get invite(): ReceivedInvite | undefined {
    return this.#invite;
  }

  /** The INVITE that makes the dialog. */
  begin(invite: InviteServer, timer: TimerAnswer, unheard: () => void): void {
    const { request } = invite.incoming;
    const { side, negotiation } = this.#parts;
    side.learn(request);
    this.#parts.timer.judge(request);
    negotiation.received("INVITE", descriptionIn(request));
    this.#invite = new ReceivedInvite(this.#parts, invite, timer, { accepted() {}, unheard });
  }

  /** An ACK; false if nothing waited for it. */
  ack(from: Incoming): boolean {
    const invite = this.#invite;
    if (!invite?.ack(from)) return false;
    if (invite.isFirst) this.#acknowledged();
    return true;
  }

  /** A later INVITE; `accept` is called with its 2xx. */
  invited(from: Incoming, accept: () => void): void {
    const { modification, negotiation, timer, user, side } = this.#parts;
    const server = side.agent.endpoint.accept(from, {
      cancelled: (one) => this.#cancelled(one),
      failed() {},
    });
    if (!server) return;
    const offer = descriptionIn(from.request);
    const refusal = modification.received({ method: "INVITE", offer: offer !== "" });
    if (refusal) return server.reply(refusal);
    this.#assumeAcknowledged();
    const granted = timer.judge(from.request);
    const invite = new ReceivedInvite(this.#parts, server, granted, { accepted: accept });
    this.#invite = invite;
    const { refusal: status } = negotiation.received("INVITE", offer);
    const { timing } = side.agent.abilities;
    const wrong = timing.objection(granted) ?? (status && { status });
    if (wrong) return invite.refuse(wrong);
    //= RFC 3261 §14.2
    //# If a UA receives a re-INVITE for an existing dialog, it MUST check any version identifiers
    //# in the session description or, if there are no version identifiers, the content of the
    //# session description to see if it has changed. If the session description has changed, the
    //# UAS MUST adjust the session parameters accordingly, possibly after asking the user for
    //# confirmation.
    const reply = (description: string | undefined) => {
      if (description === undefined) invite.refuse({ status: 488 });
      else invite.accept(description);
    };
    if (offer === "") user.describe(reply);
    else user.offered(offer, reply);
  }

  /** RFC 3311 §5.2; `accept` is called with its 2xx. */
  updated(from: Incoming, accept: () => void): void {
    const { modification, negotiation, timer, user, side } = this.#parts;
    const server = side.agent.endpoint.accept(from, UNCONCERNED);
    if (!server) return;
    const offer = descriptionIn(from.request);
    const refusal = modification.received({ method: "UPDATE", offer: offer !== "" });
    if (refusal) return server.reply(refusal);
    const settle = (reply: Reply) => {
      this.#refuseUpdate = undefined;
      server.reply(reply);
      modification.replied("UPDATE", reply.status);
    };
    const { refusal: status } = negotiation.received("UPDATE", offer);
    if (status) return settle({ status });
    const granted = timer.judge(from.request);
    const { timing } = side.agent.abilities;
    const tooBrief = timing.objection(granted);
    const refuse = (reply: Reply) => {
      negotiation.sent("failure-UPDATE");
      settle(reply);
    };
    this.#refuseUpdate = refuse;
    const succeed = (answer: string | undefined) => {
      if (this.#refuseUpdate !== refuse) return;
      if (answer === undefined || tooBrief) return refuse(tooBrief ?? { status: 488 });
      //= RFC 3311 §5.2
      //# If the session description has changed, the UAS MUST adjust the session parameters
      //# accordingly and generate an answer in the 2xx response.
      negotiation.sent("2xx-UPDATE", answer);
      accept();
      const body = fromText(answer);
      const about = [...side.about(from.request), ...supportedHeader(side.agent)];
      const headers = [...about, ...timing.granting(granted), ...described(body)];
      settle({ status: 200, headers, body });
      timer.grant(granted);
    };
    if (offer === "" || tooBrief) succeed("");
    else user.offered(offer, succeed);
  }

  /** Their UPDATE waits for no answer any more. */
  tooLate(status: number): void {
    this.#refuseUpdate?.({ status });
  }

  /** Refuses what still waits for an answer, and waits for no ACK any more. */
  stop(): void {
    this.#refuseUpdate?.({ status: 487 });
    this.#invite?.refuse({ status: 487 });
    this.#invite?.stop();
  }

  /** Whoever begins anew has had the answer of before, though its ACK was lost. */
  #assumeAcknowledged(): void {
    const before = this.#invite;
    if (!before?.awaitsAck) return;
    before.stop();
    this.#parts.negotiation.received("ACK");
    if (before.isFirst) this.#acknowledged();
  }

  #cancelled(server: ServerTransaction): void {
    if (this.#invite?.is(server)) this.#invite.refuse({ status: 487 });
  }
}
