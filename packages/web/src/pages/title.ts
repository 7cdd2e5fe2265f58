/** The title of the tab: the one thing seen of this page while another is in front. */
import { type Desk, firstRinging } from "../phone/desk.ts";

export function titleOf(desk: Desk, displayName: string): string {
  const caller = firstRinging(desk);
  if (caller !== undefined) return `${caller.peer.name} is calling · Carillon`;
  if (desk.active !== undefined) return `${desk.active.peer.name} · Carillon`;
  return `${displayName} · Carillon`;
}
