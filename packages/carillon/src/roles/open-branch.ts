/** A branch that a proxy has opened: where it goes, by what, what came of it. RFC 3261 §16.6. */
import type { Pursuit } from "../endpoint/servers.ts";
import type { Branch } from "./branch.ts";
import type { Received } from "./received.ts";

export class OpenBranch {
  /** As the response context counts them, from 0. */
  readonly nth: number;
  readonly branch: Branch;
  /** It goes to what may be at its device already, by a branch that said nothing. */
  readonly isCopy: boolean;
  /** Undefined where there is no room for another one. */
  client: Pursuit | undefined = undefined;
  /** Its final response, other than 2xx. */
  final: Received | undefined = undefined;
  /** Why it came to nothing, where it can say so itself. */
  why: string | undefined = undefined;
  /** What is tried beside it; undefined once it has said something, or before it was doubted. */
  beside: readonly OpenBranch[] | undefined = undefined;

  constructor(nth: number, branch: Branch, isCopy: boolean) {
    this.nth = nth;
    this.branch = branch;
    this.isCopy = isCopy;
  }
}
