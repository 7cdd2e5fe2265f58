/** Presence: whether somebody is to be reached, as a package of a server. RFC 3856. */
import { PIDF_TYPE } from "../documents/pidf.ts";
import { handlingOf, NOT_TOLD, standingBy } from "./handling.ts";
import type { PresenceStates } from "./presence-states.ts";
import type { Rules } from "./rules.ts";
import type { Asked, ServedPackage, Source, SourceRefusal } from "./source.ts";
import type { WatcherTable } from "./watcher-table.ts";

export interface PresencePackageParts {
  readonly states: PresenceStates;
  readonly watchers: WatcherTable;
  readonly rules: Rules;
}

export const presencePackage = (parts: PresencePackageParts): ServedPackage => ({
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

function open(
  { states, watchers, rules }: PresencePackageParts,
  { resource, watcher, isOnce }: Asked,
  changed: () => void,
): Source | SourceRefusal {
  const handling = () => handlingOf(rules, resource, watcher, "presence");
  const standing = () => standingBy(handling());
  //= RFC 5025 §3.2.1
  //# If a new subscription arrives later on, and the value of <sub-handling> that applies to that
  //# subscription is "block", the subscription processing follows the "subscribe, policy=reject"
  //# branch from the "init" state, and a 403 response to the SUBSCRIBE is generated.
  if (standing() === "Refused") return NOT_TOLD;
  if (standing() === "Waiting") rules.asked?.(resource, watcher, "presence");
  //= RFC 3857 §4.7.2
  //# In such cases, watcherinfo notifications SHOULD NOT be sent for any transient states.
  const isSeen = !(isOnce && standing() === "Allowed");
  const id = isSeen ? watchers.begin(resource, watcher, standing()) : "";
  let isBlank = handling() === "polite-block";
  const listener = () => {
    const wasBlank = isBlank;
    isBlank = handling() === "polite-block";
    // When somebody comes and goes is not told either.
    if (isBlank && wasBlank) return;
    if (standing() === "Allowed") watchers.approve(resource, id);
    changed();
  };
  states.watch(resource, listener);
  return {
    body: () => ({
      contentType: PIDF_TYPE,
      body: isBlank ? states.blank(resource) : states.body(resource),
    }),
    standing,
    closed: (reason) => {
      states.unwatch(resource, listener);
      watchers.end(resource, id, isOnce ? "timeout" : reason);
    },
  };
}
