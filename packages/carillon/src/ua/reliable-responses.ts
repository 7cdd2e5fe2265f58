/**
 * Provisional responses to an INVITE that the other side has to acknowledge. Runs the machine of
 * `usage/reliable-provisional-server.ts`, which knows the texts only by number. RFC 3262 §3, §5.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { fromText, type Octets } from "../grammar/octets.ts";
import { parseRAck } from "../message/header/rack.ts";
import { readHeader } from "../message/read-header.ts";
import { DEFAULT_TIMERS } from "../transaction/timers.ts";
import { firstRSeq, reliabilityOf, reliableHeaders } from "../usage/reliable-provisional.ts";
import * as machine from "../usage/reliable-provisional-server.ts";
import type { Abilities, BesideProgress, Reliable } from "./abilities.ts";
import { descriptionIn } from "./described.ts";
import { described } from "./dialog-side.ts";
import type { LegParts } from "./leg-parts.ts";
import { partsOf } from "./phone-parts.ts";
import type { InviteServer } from "./received-invite.ts";

/**
 * Has this phone make what it says before it answers a call arrive for sure, where the caller takes
 * that: early media that it sends are then described in time. Without this, who requires it
 * (`Require: 100rel`) is refused with 420; what others send so is acknowledged in any case. RFC
 * 3262.
 */
export const reliably = (phone: object): void => makeReliable(partsOf(phone).agent.abilities);

/** The same for any agent. */
export function makeReliable(abilities: Abilities): void {
  if (abilities.reliable) return;
  abilities.extensions.unshift("100rel");
  abilities.reliable = (parts, server, asked, unheard) =>
    reliabilityOf(asked, "IfSupported").kind === "Reliable"
      ? new ReliableResponses(parts, server, unheard)
      : undefined;
}

interface Said {
  readonly status: number;
  readonly description: string;
  /** What it has in the place of a description. */
  readonly beside: BesideProgress | undefined;
}

class ReliableResponses implements Reliable, Timed {
  readonly #parts: LegParts;
  /** Until it has its final response. */
  #server: InviteServer | undefined;
  readonly #params: machine.Params;
  readonly #unheard: () => void;
  readonly #timer: Timer = newTimer(this);
  readonly #said: Said[] = [];
  #state: machine.State;
  /** What is on its way, to be sent again as it is. */
  #text: Octets = "";
  #rseq = 0;
  /** A PRACK of theirs that waits for our answer to what it offers. */
  #isAsked = false;
  /** What comes after the last of them. */
  #final: (() => void) | undefined;

  /** `unheard` is called if 64*T1 later none of theirs has come: the INVITE has to be refused. */
  constructor(parts: LegParts, server: InviteServer, unheard: () => void) {
    this.#parts = parts;
    this.#server = server;
    this.#unheard = unheard;
    const { endpoint } = parts.side.agent;
    const { request, essentials } = server.incoming;
    this.#params = {
      cseq: essentials.cseq.number,
      inviteOffered: descriptionIn(request) !== "",
      firstRSeq: firstRSeq(endpoint.ids.fraction()),
      t1: DEFAULT_TIMERS.t1,
    };
    [this.#state] = machine.start(this.#params, endpoint.now);
  }

  /**
   * Says how far the call is; with a description, which is our answer or our offer. False: an offer
   * has to come first.
   */
  send(status: number, description: string, beside?: BesideProgress): boolean {
    //= RFC 3262 §5
    //# Similarly, if a reliable provisional response is the first reliable message sent back to the
    //# UAC, and the INVITE did not contain an offer, one MUST appear in that reliable provisional
    //# response.
    const isFirst = this.#said.length === 0;
    if (isFirst && description === "" && !this.#params.inviteOffered) return false;
    const id = this.#said.push({ status, description, beside }) - 1;
    const kind = this.#params.inviteOffered ? "Answer" : "Offer";
    const response = { id, status, description: description === "" ? undefined : kind } as const;
    this.#step({ kind: "Provisional", response });
    return true;
  }

  /** Calls `send` once a 2xx may go out. */
  whenHeard(send: () => void): void {
    this.#final = send;
    this.#step({ kind: "Final", status: 200 });
    this.#goOn();
  }

  /** A PRACK in the dialog. */
  prack(from: Incoming): void {
    const server = this.#parts.side.agent.endpoint.accept(from, UNCONCERNED);
    const rack = readHeader(from.request, "RAck", parseRAck);
    if (!rack.ok || !rack.value) return server?.reply({ status: 400 });
    if (!server) return;
    const description = this.#parts.side.agent.abilities.descriptionIn(from.request);
    const input = { kind: "Prack", rack: rack.value, description: description !== "" } as const;
    this.#step(input, (output) => {
      if (output.kind === "RefusePrack") server.reply({ status: output.status });
      else if (output.kind === "Acknowledged") {
        this.#acknowledged(server, description);
        this.#said[output.id]?.beside?.acknowledged(from.request);
      }
    });
    this.#goOn();
  }

  //= RFC 3262 §3
  //# If the UAS does send a final response when reliable responses are still unacknowledged, it
  //# SHOULD NOT continue to retransmit the unacknowledged reliable provisional responses, but it
  //# MUST be prepared to process PRACK requests for those outstanding responses.
  /** The INVITE was refused; `over` is called once no PRACK can come any more. */
  stop(status: number, over: () => void): void {
    this.#step({ kind: "Final", status });
    this.#server = undefined;
    this.#final = over;
    if (this.#state.name === "Terminated") this.#goOn();
  }

  /** For the wheel only. */
  due(): void {
    this.#step({ kind: "Tick" });
    if (this.#state.name === "Terminated") this.#goOn();
  }

  #acknowledged(server: ServerTransaction, description: string): void {
    const { negotiation, modification, user } = this.#parts;
    const heard = negotiation.received("PRACK", description);
    if (heard.refusal) return server.reply({ status: heard.refusal });
    if (heard.answer !== undefined) user.agreed(heard.answer);
    if (negotiation.agreed) modification.answered();
    if (heard.offer === undefined) {
      negotiation.sent("2xx-PRACK");
      return server.reply({ status: 200 });
    }
    //= RFC 3262 §5
    //# If the UAS receives a PRACK with an offer, it MUST place the answer in the 2xx to the PRACK.
    this.#isAsked = true;
    modification.opened({ by: "Remote", in: "PRACK" });
    user.offered(heard.offer, (answer) => {
      this.#isAsked = false;
      modification.answered();
      if (answer === undefined) {
        negotiation.sent("failure-PRACK");
        server.reply({ status: 488 });
      } else {
        negotiation.sent("2xx-PRACK", answer);
        const body = fromText(answer);
        server.reply({ status: 200, headers: described(body), body });
      }
      this.#goOn();
    });
  }

  /** The 2xx waits for the machine, and for the answer to what a PRACK offered. */
  #goOn(): void {
    const isHeard = this.#state.name === "Terminated" || this.#state.name === "Finished";
    if (!isHeard || this.#isAsked) return;
    const send = this.#final;
    this.#final = undefined;
    this.#server = undefined;
    send?.();
  }

  /** `answer` gets what has to do with a PRACK. */
  #step(input: machine.Input, answer: (output: machine.Output) => void = () => {}): void {
    const { endpoint } = this.#parts.side.agent;
    const [state, ...outputs] = machine.step(this.#params, this.#state, input, endpoint.now);
    this.#state = state;
    endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) {
      if (output.kind === "Send") this.#transmit(output.id, output.rseq);
      else if (output.kind === "Extend") this.send(180, "");
      else if (output.kind === "GiveUp") this.#unheard();
      else answer(output);
    }
  }

  #transmit(id: number, rseq: number): void {
    const { side, negotiation } = this.#parts;
    const [server, said] = [this.#server, this.#said[id]];
    if (!server || !said) return;
    const { status, description, beside } = said;
    if (rseq !== this.#rseq) {
      negotiation.sent("1xx-rel", description);
      const text = fromText(description);
      const { headers: about, body } = beside ?? { headers: described(text), body: text };
      const { request } = server.incoming;
      const headers = [...side.aboutIn(request), ...reliableHeaders(rseq), ...about];
      const reply = { status, toTag: side.localTag, headers, body };
      this.#text = side.agent.endpoint.composeReply(server.incoming, reply);
      this.#rseq = rseq;
    }
    server.respond(status, this.#text);
  }
}
