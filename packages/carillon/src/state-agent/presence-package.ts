/** Presence: whether somebody is to be reached, as a package of a server. RFC 3856. */
import { PIDF_TYPE } from "../documents/pidf.ts";
import { type FollowedParts, followPresence } from "./followed-presence.ts";
import { handlingOf, NOT_TOLD, standingBy } from "./handling.ts";
import type { Asked, ServedPackage, Source, SourceRefusal } from "./source.ts";

export const presencePackage = (parts: FollowedParts): ServedPackage => ({
  ...{ event: "presence", accept: [PIDF_TYPE] },
  //= RFC 3856 §6.4
  //# Therefore, the default expiration time for subscriptions within this package is 3600 seconds.
  expiresSeconds: 3600,
  //= RFC 3856 §6.10
  //# A PA SHOULD NOT generate notifications for a single presentity at a rate of more than once
  //# every five seconds.
  minGapMs: 5000,
  open: (asked, changed) => open(parts, asked, changed),
});

function open(parts: FollowedParts, asked: Asked, changed: () => void): Source | SourceRefusal {
  //= RFC 5025 §3.2.1
  //# If a new subscription arrives later on, and the value of <sub-handling> that applies to that
  //# subscription is "block", the subscription processing follows the "subscribe, policy=reject"
  //# branch from the "init" state, and a 403 response to the SUBSCRIBE is generated.
  const handling = handlingOf(parts.rules, asked.resource, asked.watcher, "presence");
  if (standingBy(handling) === "Refused") return NOT_TOLD;
  return followPresence(parts, asked, changed);
}
