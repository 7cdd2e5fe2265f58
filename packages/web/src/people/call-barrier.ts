/** Why nobody can be called just now, in words; undefined when somebody can. */
import type { PhoneState } from "carillon";
import { type Desk, inCall } from "../phone/desk.ts";

export function callBarrier(desk: Desk, registration: PhoneState): string | undefined {
  // One call at a time: while there is one, another cannot be placed.
  if (inCall(desk)) return "You are in a call";
  return registration.name === "Registered" ? undefined : "You are not connected";
}
