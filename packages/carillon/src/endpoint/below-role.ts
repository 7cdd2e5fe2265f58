/**
 * What an endpoint refuses, drops or ends before any role hears of it: for logs and metrics.
 * Nothing of a message's headers or body is in it, and no secret.
 */
import { fromText, type Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";

/** One thing that came to nothing. */
export interface BelowEntry {
  /** The endpoint's `now`, in ms. */
  readonly at: Millis;
  /** Where it came from. */
  readonly flow: Flow;
  /** What became of it. */
  readonly what: BelowKind;
  /** The method, where there is one, cut off at 32 octets. A peer's word. */
  readonly method?: Octets;
  /** What its sender was answered; absent where that is nothing. */
  readonly status?: number;
  /** In words, which are ours. */
  readonly why: string;
}

/**
 * `Malformed`: it cannot be read. `TurnedAway`: there is too much to do. `Late`: it has waited for
 * so long that its sender says it again. `Silenced`: its source has had its answers. `Banned`:
 * nobody listens to it. `Ended`: a connection that is closed from here. `Lost`: one that broke.
 */
export type BelowKind =
  | "Malformed"
  | "TurnedAway"
  | "Late"
  | "Silenced"
  | "Banned"
  | "Ended"
  | "Lost";

/** Called on the path of every message: it has to be quick, and may not throw. */
export type BelowRole = (entry: BelowEntry) => void;

/** The method of a request, as far as that can be seen; undefined for what is none. */
export function methodIn(octets: Octets): Octets | undefined {
  const end = octets.slice(0, MAX_METHOD + 1).indexOf(" ");
  return end > 0 && !octets.startsWith("SIP/") ? octets.slice(0, end) : undefined;
}

/** As the world says why a connection broke: an error's code or message, no more than a line. */
export const causeWords = (cause: unknown): string => {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  const words = [code, message, cause].find((one) => typeof one === "string") ?? "it broke";
  return fromText(`${words}`).slice(0, MAX_WORDS);
};

const MAX_METHOD = 32;
const MAX_WORDS = 120;
