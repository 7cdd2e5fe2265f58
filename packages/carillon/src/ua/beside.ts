/**
 * What is told of a call beside its session: by a request in its dialog, or by one that names it.
 */
import type { Call } from "./call.ts";

export interface Beside {
  /** Here is the call that it is about. */
  tell(call: Call): void;
  /** Nobody has that call any more. */
  refuse(): void;
}
