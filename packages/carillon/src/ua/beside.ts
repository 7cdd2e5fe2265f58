/** What comes in a dialog of a call beside its session: a REFER, an INFO. */

import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { IncomingSession } from "./incoming-session.ts";
import type { ReceivedRefer } from "./received-refer.ts";

export type Beside =
  /** They ask this side to call somebody: allow it or refuse it, within a second or so. */
  | { readonly kind: "Refer"; readonly refer: ReceivedRefer }
  /** They want to take the place of the other side, or to be in the call, too. RFC 3891, 3911. */
  | {
      readonly kind: "Replaces" | "Join";
      readonly session: IncomingSession;
      readonly from: Incoming;
    }
  /** They tell something: answer it at once. RFC 6086. */
  | { readonly kind: "Info"; readonly info: ReceivedInfo };

export interface ReceivedInfo {
  /** The Info-Package in lower case; undefined where there is none, as before RFC 6086. */
  readonly package: string | undefined;
  /** The body's type in lower case, without parameters: `application/dtmf-relay`. */
  readonly type: string;
  readonly body: Octets;
  reply(status: number, headers?: readonly HeaderField[]): void;
}
