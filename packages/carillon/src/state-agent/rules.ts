/** Who may know what of whom: a port. RFC 5025. */
import type { Watcher } from "./source.ts";

/**
 * What becomes of a subscription, in the words of RFC 5025 §3.2.1: `block` refuses it, `confirm`
 * has it wait until its owner has said something else, `polite-block` lets it believe that nobody
 * is there, and `allow` tells.
 */
export type Handling = "block" | "confirm" | "polite-block" | "allow";

/** One person's rules. Asked for each subscription, and again when they have changed. */
export interface Rules {
  /**
   * What `watcher` may know of `owner` in a package: `presence`, `dialog`, `reg`, … Nobody is
   * asked about their own state. It has to be quick, and may not throw.
   */
  handling(owner: string, watcher: Watcher, event: string): Handling;
  /** Somebody waits for an answer: their subscription was to be confirmed. May not throw. */
  asked?(owner: string, watcher: Watcher, event: string): void;
}

/** Who lives here sees each other, and nobody else does. Other packages are their own matter. */
export const HOUSE_RULES: Rules = {
  handling: (_, { account }, event) => {
    const isOpen = event === "presence" || event === "dialog";
    return isOpen && account !== undefined ? "allow" : "block";
  },
};
