/**
 * A transfer as an application sees it, the side that is asked: the other side of a call wants this
 * one to talk to somebody else. RFC 5589, RFC 3515.
 */
import { flat } from "../grammar/octets.ts";
import { parseReferredBy } from "../message/header/referred-by.ts";
import { requestOfUri } from "../message/request-of-uri.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Call } from "./call.ts";
import type { Peer } from "./call-state.ts";
import { invitationTo } from "./invitation.ts";
import type { MediaSession, Wanted } from "./media.ts";
import type { ReceivedRefer } from "./received-refer.ts";

/** What a transfer needs of the phone. */
export interface TransferParts<M extends MediaSession> {
  /** Calls the target, with this Referred-By. */
  readonly dial: (target: string, wanted: Wanted, referredBy: string | undefined) => Call<M>;
  readonly inTurn: (run: () => void) => void;
}

/**
 * A wish that this phone call somebody: accept it or refuse it, within a minute. RFC 3515, RFC
 * 5589.
 */
export class IncomingTransfer<M extends MediaSession = MediaSession> {
  /** Whom they want called: `sip:carol@example.com`. */
  readonly target: string;
  /** Who asks for it, by their own word (RFC 3892); undefined if they do not say. */
  readonly by: Peer | undefined;
  /** They talk to the target already: the new call takes the place of theirs. RFC 3891. */
  readonly isAttended: boolean;
  /** The call that is to be transferred; undefined for a wish from outside of every call. */
  readonly call: Call<M> | undefined;
  readonly #refer: ReceivedRefer;
  readonly #parts: TransferParts<M>;
  readonly #wanted: Wanted;
  #state: "Asked" | "Accepted" | "Refused" | "Lapsed" = "Asked";

  /** For calls and phones. `wanted` is what the new call has unless somebody says otherwise. */
  constructor(
    refer: ReceivedRefer,
    call: Call<M> | undefined,
    wanted: Wanted,
    parts: TransferParts<M>,
  ) {
    const { to, headers } = invitationTo(refer.what.target, requestOfUri);
    this.target = flat(to);
    this.by = peerIn(refer.what.referredBy);
    this.isAttended = headers.some(([name]) => name === "Replaces");
    this.call = call;
    this.#refer = refer;
    this.#wanted = wanted;
    this.#parts = parts;
    refer.onlapse = () => {
      this.#state = "Lapsed";
    };
  }

  /** What became of it: `Lapsed` is that nobody has decided in time. */
  get state(): "Asked" | "Accepted" | "Refused" | "Lapsed" {
    return this.#state;
  }

  //= RFC 3515 §2.4.2
  //# If approval is granted, the UA MUST contact the resource identified by the URI in the Refer-To
  //# header field value as discussed in Section 2.4.3.
  /**
   * Calls the target, and tells whoever asked how far it is. The call that this was asked in goes
   * on until they hang up. Throws once it is decided, or a minute after it was asked (`Lapsed`).
   */
  accept(wanted: Wanted = this.#wanted): Call<M> {
    this.#decide("Accepted");
    const { what } = this.#refer;
    const call = this.#parts.dial(what.target, wanted, what.referredBy);
    this.#parts.inTurn(() => void this.#refer.allow());
    void this.#report(call);
    return call;
  }

  /** Refuses it; 603 says that the person does not want to. */
  refuse(status = 603): void {
    this.#decide("Refused");
    this.#parts.inTurn(() => this.#refer.refuse(status));
  }

  #decide(state: "Accepted" | "Refused"): void {
    if (this.#state !== "Asked") throw new Error(`this transfer is ${this.#state} already`);
    this.#state = state;
  }

  async #report(call: Call<M>): Promise<void> {
    for await (const state of call.states()) {
      const status = statusOf(state);
      if (status > 0) this.#parts.inTurn(() => this.#refer.report(status));
      if (status >= 200) return;
    }
  }
}

/** What a state of the call says to whoever asked for it; 0 for nothing. */
function statusOf(state: Call["state"]): number {
  switch (state.name) {
    case "Ringing":
      return state.earlyMedia ? 183 : 180;
    case "Established":
      return 200;
    case "Ended":
      return state.end.status ?? ENDS[state.end.code] ?? 487;
    default:
      return 0;
  }
}

const ENDS: Readonly<Record<string, number>> = {
  ...{ SIP_MEDIA: 488, SIP_NOT_ACCEPTABLE: 488, SIP_TRANSPORT: 503, SIP_TIMEOUT: 408 },
};

/** Who a Referred-By names; undefined for nobody who could be called back. */
function peerIn(referredBy: string | undefined): Peer | undefined {
  const read = referredBy === undefined ? undefined : parseReferredBy(referredBy);
  if (!read?.ok || !parseSipUri(read.value.uri).ok) return undefined;
  return { uri: flat(read.value.uri), displayName: read.value.displayName };
}
