/** The outcome of offer and answer, held by both ends. */
import type { Description } from "./description.ts";

/** What both ends of a session last said, once an offer was answered. RFC 3264 §4. */
export interface Agreed<D = Description> {
  /** Our description: the offer or the answer, whichever was ours. */
  readonly local: D;
  /** The peer's. */
  readonly remote: D;
}
