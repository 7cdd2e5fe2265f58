/** What one watcher may know of one person's presence, alone or in a list: one place decides it. */
import { PIDF_TYPE } from "../documents/pidf.ts";
import { handlingOf, standingBy } from "./handling.ts";
import type { PresenceStates } from "./presence-states.ts";
import type { Rules } from "./rules.ts";
import type { Asked, Source, SourceBody } from "./source.ts";
import type { WatcherTable } from "./watcher-table.ts";

export interface FollowedParts {
  readonly states: PresenceStates;
  readonly watchers: WatcherTable;
  readonly rules: Rules;
}

export interface FollowedPresence extends Required<Pick<Source, "standing" | "closed">> {
  body(): SourceBody;
}

/** Begins to follow; `changed` is called when there is something to tell. */
export function followPresence(
  { states, watchers, rules }: FollowedParts,
  { resource, watcher, isOnce }: Pick<Asked, "resource" | "watcher" | "isOnce">,
  changed: () => void,
): FollowedPresence {
  const handling = () => handlingOf(rules, resource, watcher, "presence");
  const standing = () => standingBy(handling());
  if (standing() === "Waiting") rules.asked?.(resource, watcher, "presence");
  //= RFC 3857 §4.7.2
  //# In such cases, watcherinfo notifications SHOULD NOT be sent for any transient states.
  const isSeen = standing() !== "Refused" && !(isOnce && standing() === "Allowed");
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
    standing,
    body: () => ({
      contentType: PIDF_TYPE,
      body: isBlank ? states.blank(resource) : states.body(resource),
    }),
    closed: (reason) => {
      states.unwatch(resource, listener);
      watchers.end(resource, id, isOnce ? "timeout" : reason);
    },
  };
}
