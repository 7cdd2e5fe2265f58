/** How a dialog of a call ends: left, refused, broken, or by their BYE. RFC 3261 §15. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { DEFAULT_TIMERS, NEVER } from "../transaction/timers.ts";
import { endOf, type Farewell, reasonHeaders } from "./farewell.ts";
import type { LegParts } from "./leg-parts.ts";
import type { RequestUser } from "./outgoing-request.ts";
import type { ReceivedChanges } from "./received-changes.ts";
import type { CallEnd } from "./sip-error.ts";

type State =
  | { readonly name: "Open" }
  /** To be left, as soon as the ACK has come that a BYE has to wait for. */
  | { readonly name: "Closing"; readonly why: Farewell }
  /** Their INVITE was refused; a PRACK of theirs may still be on its way. */
  | { readonly name: "Refused" }
  /** Our BYE is on its way. */
  | { readonly name: "Leaving" }
  /** The session is over, and a subscription goes on in its dialog. RFC 5057 §4. */
  | { readonly name: "Outlived" }
  | { readonly name: "Gone" };

/** How long a BYE waits for a way to the other side: as long as for its answer. */
const UNSAID_MS = 64 * DEFAULT_TIMERS.t1;

export class LegEnding implements Timed {
  readonly #parts: LegParts;
  readonly #theirs: ReceivedChanges;
  /** Our INVITE, if it made the dialog, waits for nothing any more. */
  readonly #giveUp: () => void;
  readonly #timer: Timer = newTimer(this);
  #state: State = { name: "Open" };
  /** Why we leave, as long as it could not be said. */
  #unsaid: Farewell | undefined;

  constructor(parts: LegParts, theirs: ReceivedChanges, giveUp: () => void) {
    this.#parts = parts;
    this.#theirs = theirs;
    this.#giveUp = giveUp;
  }

  get isOpen(): boolean {
    return this.#state.name === "Open";
  }

  get isGone(): boolean {
    return this.#state.name === "Gone";
  }

  /** Whether a request of this method still means anything here. */
  takes(method: string): boolean {
    const { name } = this.#state;
    if (name === "Open" || name === "Closing") return true;
    if (method === "NOTIFY" || method === "SUBSCRIBE") return !this.#isIdle;
    if (method === "BYE") return name !== "Outlived";
    return method === "PRACK" && name === "Refused";
  }

  /** Refuses the INVITE of theirs that makes the dialog, and so the dialog. */
  refuse(reply: Reply): void {
    this.#state = { name: "Refused" };
    this.#stop();
    this.#theirs.invite?.refuse(reply, () => this.#end());
  }

  /** It never comes to be. */
  abandon(): void {
    this.#end();
  }

  //= RFC 3261 §15
  //# A UA MUST NOT send a BYE outside of a dialog.
  /** Leaves a dialog whose INVITE has been accepted. */
  leave(why: Farewell): void {
    if (this.#state.name !== "Open") return;
    const invite = this.#theirs.invite;
    //= RFC 3261 §15
    //# However, the callee's UA MUST NOT send a BYE on a confirmed dialog until it has received an
    //# ACK for its 2xx response or until the server transaction times out.
    if (invite?.awaitsAck) {
      this.#state = { name: "Closing", why };
      return;
    }
    // Its 2xx waits for a PRACK.
    if (invite?.isOpen && invite.isFirst) return this.refuse({ status: 603 });
    this.#bye(why);
  }

  //= RFC 3261 §15.1.1
  //# The UAC MUST consider the session terminated (and therefore stop sending or listening for
  //# media) as soon as the BYE request is passed to the client transaction.
  #bye(why: Farewell): void {
    this.#theirs.stop();
    this.#giveUp();
    this.#state = { name: "Leaving" };
    this.#stop();
    //= RFC 3261 §15.1.1
    //# If the response for the BYE is a 481 (Call/Transaction Does Not Exist) or a 408 (Request
    //# Timeout) or no response at all is received for the BYE (that is, a timeout is returned by
    //# the client transaction), the UAC MUST consider the session and the dialog terminated.
    const user: RequestUser = {
      response: ({ status }) => void (status >= 200 && this.#end()),
      failed: (reason) => (reason === "transport" ? this.#later(why) : this.#end()),
    };
    if (!this.#parts.side.send("BYE", reasonHeaders(why), "", user)) this.#later(why);
  }

  /** There is no way for it now: the other side hears of it if there is one soon. */
  #later(why: Farewell): void {
    const { endpoint } = this.#parts.side.agent;
    if (this.#state.name !== "Leaving") return;
    this.#unsaid = why;
    if (this.#timer.at === NEVER) endpoint.schedule(this.#timer, endpoint.now + UNSAID_MS);
  }

  /** There is a way again. */
  back(): void {
    const why = this.#unsaid;
    this.#unsaid = undefined;
    if (why !== undefined && this.#state.name === "Leaving") this.#bye(why);
  }

  /** For the wheel only: nobody waits for a way any more. */
  due(): void {
    this.#end();
  }

  //= RFC 3261 §13.3.1.4
  //# If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK, the
  //# dialog is confirmed, but the session SHOULD be terminated.
  /** It cannot go on. */
  fail(end: CallEnd, why: Farewell): void {
    const state = this.#state;
    if (state.name !== "Open" && state.name !== "Closing") return;
    const invite = this.#theirs.invite;
    if (invite?.isOpen && invite.isFirst) this.refuse({ status: 488 });
    else this.#bye(state.name === "Closing" ? state.why : why);
    if (state.name === "Open") this.#parts.user.ended(end);
  }

  /** Something else has no need of the dialog any more. */
  idle(): void {
    if (this.#state.name === "Outlived" && this.#isIdle) this.#end();
  }

  /** The ACK has come that a BYE may have to wait for. */
  acknowledged(): void {
    if (this.#state.name === "Closing") this.#bye(this.#state.why);
  }

  //= RFC 3261 §15.1.2
  //# A UAS core receiving a BYE request for an existing dialog MUST follow the procedures of
  //# Section 12.2.2 to process the request. Once done, the UAS SHOULD terminate the session (and
  //# therefore stop sending and listening for media).
  /** Their BYE. */
  theyLeave(from: Incoming): void {
    //= RFC 3261 §15.1.2
    //# Whether or not it ends its participation on the session, the UAS core MUST generate a 2xx
    //# response to the BYE, and MUST pass that to the server transaction for transmission.
    this.#parts.side.agent.endpoint.accept(from, UNCONCERNED)?.reply({ status: 200 });
    //= RFC 3261 §15.1.2
    //# The UAS MUST still respond to any pending requests received for that dialog.
    this.#theirs.stop();
    // Our own BYE, if there is one, still waits for its answer.
    if (this.#state.name !== "Leaving") this.#end();
    this.#parts.user.ended(endOf(from.request));
  }

  #stop(): void {
    this.#parts.timer.stop();
    this.#parts.modification.abandon();
  }

  #end(): void {
    if (this.#state.name === "Gone") return;
    this.#parts.side.agent.endpoint.schedule(this.#timer, NEVER);
    this.#stop();
    //= RFC 5057 §5.5
    //# Likewise, ending an invite usage with a BYE does not terminate any active Event: refer
    //# subscriptions established on that dialog.
    this.#state = this.#isIdle ? { name: "Gone" } : { name: "Outlived" };
    if (this.#state.name === "Gone") this.#parts.user.gone();
  }

  get #isIdle(): boolean {
    return this.#parts.uses.every(({ isIdle }) => isIdle);
  }
}
