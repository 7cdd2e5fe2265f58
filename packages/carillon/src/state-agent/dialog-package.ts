/** Somebody's calls, as a package of a server. RFC 4235. */
import { DIALOG_INFO_TYPE, type DialogState, formatDialogInfo } from "../documents/dialog-info.ts";
import type { DialogStates } from "./dialog-states.ts";
import { handlingOf, NOT_TOLD, standingBy } from "./handling.ts";
import { ToldRows } from "./row-changes.ts";
import type { Handling, Rules } from "./rules.ts";
import type { ServedPackage, SourceBody } from "./source.ts";

export interface DialogPackageParts {
  readonly states: DialogStates;
  readonly rules: Rules;
  readonly addressOf: (account: string) => string;
}

export const dialogPackage = ({ states, rules, addressOf }: DialogPackageParts): ServedPackage => ({
  ...{ event: "dialog", accept: [DIALOG_INFO_TYPE], expiresSeconds: 3600 },
  //= RFC 4235 §3.10
  //# It is RECOMMENDED that the server not generate notifications for a single subscriber faster
  //# than once every 1 second.
  minGapMs: 1000,
  open: (asked, changed) => {
    const { resource, watcher } = asked;
    const handling = () => handlingOf(rules, resource, watcher, "dialog");
    const standing = () => standingBy(handling());
    const seen = () => seenBy(handling(), states.of(resource));
    if (standing() === "Refused") return NOT_TOLD;
    if (standing() === "Waiting") rules.asked?.(resource, watcher, "dialog");
    const told = new ToldRows<DialogState>();
    const listener = () => {
      if (standing() !== "Allowed" || told.differs(seen())) changed();
    };
    states.watch(resource, listener);
    return {
      body: (version, isWhole) => {
        const entity = addressOf(resource);
        return dialogBody(told, seen(), { entity, version, isWhole });
      },
      standing,
      closed: () => states.unwatch(resource, listener),
    };
  },
});

/** Who is politely kept out sees somebody who calls nobody, as their presence has it. */
export const seenBy = (
  handling: Handling,
  dialogs: readonly DialogState[],
): readonly DialogState[] => (handling === "polite-block" ? [] : dialogs);

/** The dialogs that have changed, or all of them, as a document. */
export function dialogBody(
  told: ToldRows<DialogState>,
  dialogs: readonly DialogState[],
  { entity, version, isWhole }: { entity: string; version: number; isWhole: boolean },
): SourceBody | undefined {
  const { changed, gone } = told.tell(dialogs, isWhole);
  const over = gone.map((one): DialogState => ({ ...one, state: "terminated" }));
  const all = [...changed, ...over];
  if (all.length === 0 && !isWhole) return undefined;
  const state = isWhole ? "full" : "partial";
  const body = formatDialogInfo({ version, state, entity, dialogs: all });
  return { contentType: DIALOG_INFO_TYPE, body };
}
