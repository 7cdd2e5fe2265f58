/** What becomes of people whom nobody has vouched for: the port that `domain` asks. */
import type { Gate } from "../endpoint/gate.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";

/** Somebody shows credentials, with a nonce that was issued to where they are. */
export interface Attempt {
  /** Over UDP too an answer has reached them there: they know a nonce that went to this address. */
  readonly flow: Flow;
  /** The name that they sign in with; undefined if nobody here has it. */
  readonly account: string | undefined;
  /** Of the request. A phone keeps its own for all of its registrations. */
  readonly callId: Octets;
}

/** Asked on the path of a request, so answers come from memory; nothing here locks an account. */
export interface Strangers extends Gate {
  /** Whether credentials are looked at. If not, they are answered as wrong ones are. */
  mayTry(attempt: Attempt, now: Millis): boolean;
  /** They were wrong. */
  failed(attempt: Attempt, now: Millis): void;
  /** They were right, and `account` is theirs. */
  succeeded(attempt: Attempt & { readonly account: string }, now: Millis): void;
}
