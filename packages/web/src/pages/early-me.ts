/** Who sits at a seat is asked for while the rest of the page is still on its way. */
import { type Me, readMe } from "../api.ts";

let early: { readonly seat: string; readonly me: Promise<Me> } | undefined;

export function askEarly(seat: string): void {
  const me = readMe(seat);
  // Whoever takes it sees that it failed.
  me.catch(() => {});
  early = { seat, me };
}

/** What was asked for early, once; else it is asked now. */
export function takeMe(seat: string): Promise<Me> {
  const taken = early?.seat === seat ? early.me : readMe(seat);
  early = undefined;
  return taken;
}
