/** Tells the house whether somebody is at this page: RFC 4480 §3.14, published by RFC 3903. */
import type { Phone } from "carillon";
import type { Presence } from "carillon/documents";
import { presence, publish } from "carillon/events";
import { watchIdle } from "./idle.ts";

/** Until it is told to stop. */
export function publishIdle(phone: Phone, inCall: () => boolean): () => void {
  const publication = publish(phone, presence, presenceOf(phone.aor, false));
  // A house that keeps no presence is one without; what it says then helps nobody here.
  publication.published.catch(() => {});
  const stop = watchIdle(localStorage, inCall, (idle) => {
    publication.update(presenceOf(phone.aor, idle));
  });
  return () => {
    stop();
    publication.remove().catch(() => {});
  };
}

export const presenceOf = (aor: string, idle: boolean): Presence => ({
  entity: aor,
  tuples: [
    {
      ...{ id: "page", basic: "open", contact: aor, priority: undefined },
      ...{ notes: [], timestamp: undefined },
    },
  ],
  notes: [],
  activities: [],
  userInput: idle ? "idle" : "active",
});
