/** What both ends of a session last said, once an offer was answered. */
import type { Description } from "./description.ts";

export interface Agreed<D = Description> {
  readonly local: D;
  readonly remote: D;
}
