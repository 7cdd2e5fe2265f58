/** A response of a branch, as a proxy hands it on. */
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";

export interface Received {
  readonly response: Response;
  readonly essentials: Essentials;
  /** Whole lines that it gets more. */
  readonly added?: readonly Octets[];
  /** It was made here, for the sender: no Via of ours is in it. */
  readonly isOwn?: boolean;
  /** What it came over. */
  readonly flow?: Flow;
}

/** Of a response that goes to the sender, from a device or, without `received`, of our own. */
export type Listener = (status: number, received: Received | undefined) => void;
