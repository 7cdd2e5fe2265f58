/**
 * An INVITE of ours as one dialog sees it, the first or a later one: its reliable provisional
 * responses, its answer, its ACK. RFC 3261 §13.2.2, §14.1, RFC 3262 §4.
 */
import { fromText, type Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import { formatRAck } from "../message/header/rack.ts";
import { parseRSeq } from "../message/header/rseq.ts";
import type { Request, Response } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import * as reliable from "../usage/reliable-provisional-client.ts";
import type { TimerAsked } from "../usage/session-interval.ts";
import { descriptionIn, refusingAnswer } from "./described.ts";
import { described } from "./dialog-side.ts";
import { NOT_UNDERSTOOD } from "./farewell.ts";
import type { LegParts } from "./leg-parts.ts";
import type { Heard } from "./negotiation.ts";
import { lists } from "./option-tag.ts";
import type { RequestUser } from "./outgoing-request.ts";
import { retryAfterSeconds } from "./registrar-answer.ts";

export class SentInvite {
  readonly #parts: LegParts;
  readonly #asked: TimerAsked;
  readonly #params: reliable.Params;
  #state: reliable.State;
  /** Sends the ACK once more. */
  #ack: (() => void) | undefined;
  #isAccepted = false;
  /** Acknowledges at once what waits for our answer to the offer in it. */
  #giveUp: (() => void) | undefined;

  /** `asked` is what it says about the session timer. */
  constructor(parts: LegParts, inviteOffered: boolean, asked: TimerAsked) {
    this.#parts = parts;
    this.#asked = asked;
    this.#params = { inviteOffered };
    [this.#state] = reliable.start(this.#params, 0);
  }

  /** Whether the response is news, and not one that was missed or came before. */
  provisional(response: Response, { toTag, cseq }: Essentials): boolean {
    const { side, negotiation } = this.#parts;
    side.learn(response);
    const description = side.agent.abilities.descriptionIn(response);
    const outputs = this.#step({
      ...{ kind: "Provisional", status: response.status, toTag, rseq: rseqIn(response) },
      ...{ required: lists(response, "Require", "100rel"), description: description !== "" },
    });
    const prack = outputs.find((one) => one.kind === "Prack");
    const isNews = outputs.some(({ kind }) => kind === "ToUser");
    if (prack) {
      const heard = negotiation.received("1xx-rel", description);
      const rack = formatRAck({ rseq: prack.rseq, cseq: { ...cseq, method: "INVITE" } });
      this.#prack(rack, heard, response);
    } else if (isNews) {
      const { preview } = negotiation.received("1xx", description);
      if (preview !== undefined) {
        side.trickle?.confirm();
        this.#parts.user.previewed(preview);
      }
    }
    return isNews;
  }

  /**
   * A 2xx: is acknowledged, each time that it comes. `done` is called once the first of them is.
   */
  accepted(response: Response, { cseq }: Essentials, invite: Request, done: () => void): void {
    const { side, negotiation, timer, user, isOpen, fail } = this.#parts;
    //= RFC 3261 §13.2.2.4
    //# The ACK MUST be passed to the client transport every time a retransmission of the 2xx final
    //# response that triggered the ACK arrives.
    if (this.#ack !== undefined) return this.#ack();
    if (this.#isAccepted) return;
    this.#isAccepted = true;
    this.#step({ kind: "Final" });
    side.succeeded(response, "INVITE");
    const heard = negotiation.received("2xx-INVITE", descriptionIn(response));
    const acknowledge = (answer: string) => {
      negotiation.sent("ACK", answer);
      this.#ack = side.acknowledge(invite, cseq.number, fromText(answer));
      this.#parts.modification.response("INVITE", 200);
    };
    if (isOpen()) timer.answered(this.#asked, response);
    if (heard.offer === undefined) {
      acknowledge("");
      if (heard.answer !== undefined) user.agreed(heard.answer);
      if (heard.broken) return fail(NOT_UNDERSTOOD, "MediaFailed");
      return done();
    }
    //= RFC 3261 §13.2.2.4
    //# If the 2xx contains an offer (based on the rules above), the ACK MUST carry an answer in its
    //# body.
    const { offer } = heard;
    //= RFC 3261 §13.2.2.4
    //# If the offer in the 2xx response is not acceptable, the UAC core MUST generate a valid
    //# answer in the ACK and then send a BYE immediately.
    this.#giveUp = () => acknowledge(refusingAnswer(offer));
    user.offered(offer, (answer) => {
      if (this.#ack !== undefined) return;
      if (answer === undefined) return fail(NOT_UNDERSTOOD, "MediaFailed");
      acknowledge(answer);
      done();
    });
  }

  /** The dialog is to be left: an offer of theirs that waits for our ACK gets no for an answer. */
  giveUp(): void {
    if (this.#ack === undefined) this.#giveUp?.();
  }

  /** A later INVITE of ours was refused, or met with silence (408). */
  refused(status: number, response?: Response): void {
    const { negotiation, modification, timer, user } = this.#parts;
    this.#step({ kind: "Final" });
    if (negotiation.received("failure-INVITE").dropped) user.withdrawn();
    const after = response && retryAfterSeconds(response);
    const fate = modification.response("INVITE", status, after);
    if (fate.name === "Unchanged") timer.refused(status, response);
  }

  #step(input: reliable.Input): readonly reliable.Output[] {
    const [state, ...outputs] = reliable.step(this.#params, this.#state, input, 0);
    this.#state = state;
    return outputs;
  }

  /** `heard`: what was in the response that is acknowledged. */
  #prack(rack: Octets, heard: Heard, response: Response): void {
    const { modification, user, answeredEarly } = this.#parts;
    if (heard.offer !== undefined) {
      modification.opened({ by: "Remote", in: "INVITE" });
      user.offered(heard.offer, (answer) => {
        // Without one the call ends by itself.
        if (answer !== undefined) this.#sendPrack(rack, answer, response);
      });
      return;
    }
    this.#sendPrack(rack, "", response);
    if (heard.answer !== undefined) answeredEarly(heard.answer);
  }

  //= RFC 3262 §4
  //# Assuming the response is to be transmitted reliably, the UAC MUST create a new request with
  //# method PRACK.
  #sendPrack(rack: Octets, answer: string, heard: Response): void {
    const { side, negotiation, modification } = this.#parts;
    const { besidePrack } = side.agent.abilities;
    if (!negotiation.sent("PRACK", answer)) return;
    const user: RequestUser = {
      response: (response) => {
        if (response.status < 200) return;
        const isAccepted = response.status < 300;
        negotiation.received(isAccepted ? "2xx-PRACK" : "failure-PRACK", descriptionIn(response));
        if (isAccepted && negotiation.agreed) modification.answered();
      },
      failed: () => void negotiation.received("failure-PRACK"),
    };
    //= RFC 3262 §7.2
    //# The RAck header is sent in a PRACK request to support reliability of provisional responses.
    const send = (headers: readonly HeaderField[], text: Octets): void =>
      void side.send("PRACK", [["RAck", rack], ...headers], text, user);
    const body = fromText(answer);
    if (besidePrack) besidePrack(this.#parts, heard, body, send);
    else send(described(body), body);
  }
}

function rseqIn(response: Response): number | undefined {
  const rseq = readHeader(response, "RSeq", parseRSeq);
  return rseq.ok ? rseq.value : undefined;
}
