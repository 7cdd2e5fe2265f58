/**
 * A transfer as an application sees it, the side that asks for it: the other side of a call is to
 * talk to somebody else. RFC 5589.
 */
import { Changing, type IterationOptions } from "./replay.ts";
import type { SentReferUser } from "./sent-refer.ts";
import { errorOf, SipError } from "./sip-error.ts";

/** How far a transfer is. */
export type TransferState =
  /** Whom they are to talk to has not answered us yet. RFC 5589 §7.6. */
  | { readonly name: "Waiting" }
  /** The REFER is on its way. */
  | { readonly name: "Asking" }
  /** They call; `status` is what they heard last: 100, 180, 183, … */
  | { readonly name: "Trying"; readonly status: number }
  /** They talk to each other. */
  | { readonly name: "Transferred"; readonly status: number }
  /** They agreed to it, and say nothing of what becomes of it. RFC 4488. */
  | { readonly name: "Accepted" }
  | { readonly name: "Failed"; readonly error: SipError };

/** How a transfer is asked for. */
export interface TransferOptions {
  /**
   * Whether they are to say what becomes of it; true unless it says otherwise. Without it the
   * transfer is over as soon as they agree. RFC 4488.
   */
  readonly reports?: boolean;
  /** Whether this side's call goes on after it; false unless it says otherwise. */
  readonly keep?: boolean;
}

/** A transfer that was asked for, as it goes. RFC 5589. */
export class Transfer {
  /**
   * Resolves when they talk to each other, or agreed to it and say no more: see `state`. Rejects
   * with a SipError, and then the call goes on as before.
   */
  readonly done: Promise<void>;
  readonly #done = Promise.withResolvers<void>();
  readonly #states = new Changing<TransferState>({ name: "Waiting" });

  /** `begin` starts it, and is told by whom it is heard; for calls. */
  constructor(begin: (user: Omit<SentReferUser, "gone">, asking: () => void) => void) {
    this.done = this.#done.promise;
    // Whoever does not look at it should not be punished for it.
    this.done.catch(() => {});
    const user = {
      progress: (status: number) => this.#states.set({ name: "Trying", status }),
      succeeded: (status: number) => this.#end({ name: "Transferred", status }),
      accepted: () => this.#end({ name: "Accepted" }),
      failed: (status: number, refused: boolean) =>
        this.#end({ name: "Failed", error: failure(status, refused) }),
    };
    begin(user, () => this.#states.set({ name: "Asking" }));
  }

  /** How far it is now. */
  get state(): TransferState {
    return this.#states.current;
  }

  /** The current state and every later one; ends after the outcome. */
  states(options?: IterationOptions): AsyncIterableIterator<TransferState> {
    return this.#states.values(options);
  }

  #end(state: TransferState): void {
    this.#states.set(state);
    this.#states.end();
    if (state.name === "Failed") this.#done.reject(state.error);
    else this.#done.resolve();
  }
}

function failure(status: number, refused: boolean): SipError {
  if (refused && (status === 603 || status === 403)) {
    return new SipError("SIP_DECLINED", "They do not want to be transferred.", status);
  }
  if (refused && (status === 405 || status === 501)) {
    return new SipError("SIP_REJECTED", "Their device cannot be transferred.", status);
  }
  return errorOf(status);
}
