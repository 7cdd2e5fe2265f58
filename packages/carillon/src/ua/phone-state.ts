/** How a phone stands with its server. */
import type { SipError } from "./sip-error.ts";

/** How a phone stands with its server, and why. */
export type PhoneState =
  | { readonly name: "Offline"; readonly error?: SipError }
  /** With an error: the last try failed, and the next one comes by itself. */
  | { readonly name: "Connecting"; readonly error?: SipError }
  | { readonly name: "Registered"; readonly error?: undefined }
  /** It has no server: it is reached at its own address, and calls others at theirs. */
  | { readonly name: "Listening"; readonly error?: undefined }
  /** The server said no, for good: nothing more is tried until `register` is called again. */
  | { readonly name: "Failed"; readonly error: SipError };

/** One flow of a phone to one of its servers. RFC 5626. */
export interface FlowState {
  /** Its `reg-id`: 1, 2, … */
  readonly regId: number;
  /** The server in use, or the one that is tried: as it was given. */
  readonly server: string;
  /** What this flow is in. */
  readonly state: PhoneState;
}
