/** One contact of a list, as a list's subscriber may know them. RFC 4662 §5.5. */
import { DIALOG_INFO_TYPE, type DialogState, formatDialogInfo } from "../documents/dialog-info.ts";
import type { ResourceInstance } from "../documents/rlmi.ts";
import type { EndReason } from "../usage/subscription-headers.ts";
import { seenBy } from "./dialog-package.ts";
import type { DialogStates } from "./dialog-states.ts";
import { type FollowedParts, followPresence } from "./followed-presence.ts";
import { handlingOf, standingBy } from "./handling.ts";
import { ToldRows } from "./row-changes.ts";
import type { Rules } from "./rules.ts";
import type { Asked, SourceBody, Standing } from "./source.ts";

/** What a list tells of one contact. */
export interface ListEntry {
  /**
   * Their state as it is now, with a body where they are active: the whole of it. `version` is the
   * list's, which grows through restarts.
   */
  tell(version: number): EntryState;
  close(reason: EndReason | "unreachable"): void;
}

export type EntryState = Pick<ResourceInstance, "state" | "reason"> & {
  readonly said?: SourceBody | undefined;
};

/** Begins to follow the resource of `asked`, which is one contact; `changed` says that it did. */
export type OpenEntry = (asked: Asked, changed: () => void) => ListEntry;

export const presenceEntries =
  (parts: FollowedParts): OpenEntry =>
  (asked, changed) => {
    const { standing, body, closed } = followPresence(parts, asked, changed);
    return { tell: () => stateBy(standing(), body), close: closed };
  };

export const dialogEntries =
  (states: DialogStates, rules: Rules, addressOf: (account: string) => string): OpenEntry =>
  (asked, changed) => {
    const { resource, watcher } = asked;
    const handling = () => handlingOf(rules, resource, watcher, "dialog");
    const standing = () => standingBy(handling());
    const seen = () => seenBy(handling(), states.of(resource));
    const told = new ToldRows<DialogState>();
    const listener = () => {
      if (standing() !== "Allowed" || told.differs(seen())) changed();
    };
    states.watch(resource, listener);
    return {
      // Whole each time: a list's subscriber may have missed one of these and no other.
      tell: (version) =>
        stateBy(standing(), () => {
          const { gone } = told.tell(seen(), true);
          const over = gone.map((one): DialogState => ({ ...one, state: "terminated" }));
          const dialogs = [...seen(), ...over];
          const entity = addressOf(resource);
          const body = formatDialogInfo({ version, state: "full", entity, dialogs });
          return { contentType: DIALOG_INFO_TYPE, body };
        }),
      close: () => states.unwatch(resource, listener),
    };
  };

function stateBy(standing: Standing, said: () => SourceBody): EntryState {
  if (standing === "Waiting") return { state: "pending" };
  if (standing === "Refused") return { state: "terminated", reason: "rejected" };
  return { state: "active", said: said() };
}
