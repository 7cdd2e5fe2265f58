/** What an operator decides about calls that people here make. */
import type { SipUri } from "../../uri/sip-uri.ts";
import type { OutgoingLimits } from "./ledger.ts";

/** How much people call, and whom elsewhere. Looked at for each call, so that it may change. */
export interface OutgoingPolicy {
  /** How much this account may. `OUTGOING_LIMITS` is what a household needs. */
  limits(account: string): OutgoingLimits;
  /** Why this account may not call this address, which is none of the house, in words. */
  objection(account: string, uri: SipUri): string | undefined;
  /**
   * Whether calls to elsewhere are handed over to whoever they lead to (REFER): then they go on
   * there, at the cost of the house, when nobody here can count them any more. False if left out.
   */
  readonly handsOver?: boolean;
}
