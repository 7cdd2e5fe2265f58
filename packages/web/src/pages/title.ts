/** The title of the tab: the one thing seen of this page while another is in front. */
import { type Desk, firstRinging } from "../phone/desk.ts";

export function titleOf(desk: Desk, displayName: string, unread = 0): string {
  const caller = firstRinging(desk);
  if (caller !== undefined) return `${caller.peer.name} is calling · Carillon`;
  const count = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ` : "";
  return `${count}${desk.active?.peer.name ?? displayName} · Carillon`;
}
