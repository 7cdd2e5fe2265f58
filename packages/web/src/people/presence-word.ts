/** Whether somebody is here, in a word. */
import type { Person } from "../api.ts";

/** `stale`: the line to the house is down, and what it said last may be old. */
export function presenceWord({ online }: Pick<Person, "online">, stale: boolean): string {
  if (stale) return "Not known just now";
  return online ? "Online" : "Offline";
}
