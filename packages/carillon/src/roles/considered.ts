/** A request outside of any dialog that goes on, with what was decided about it. */
import type { BridgeDecision } from "./bridge.ts";
import type { OutgoingCall } from "./outgoing/outgoing-call.ts";
import type { Asked } from "./policy.ts";

/** Beside what was asked: what the operator's route said of it. */
export interface Considered extends Asked {
  readonly bridge?: BridgeDecision;
  /** The call that it may become, where that is counted. */
  readonly call?: OutgoingCall | undefined;
}
