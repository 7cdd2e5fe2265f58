/** A page's peer is the server it is connected to: nothing goes back over another connection. */
import type { Target } from "../locate/target.ts";

export const targetBack = (): Target | undefined => undefined;
