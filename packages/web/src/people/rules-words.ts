/** Who may see whether one is here: the rules of the house's server, as choices a person makes. */
import { isSameAddress } from "./peer-name.ts";
import type { PresenceRules, WatcherAction } from "./presence-api.ts";

export const ACTIONS: readonly WatcherAction[] = ["allow", "confirm", "polite-block", "block"];

export const ACTION_WORDS: Readonly<Record<WatcherAction, string>> = {
  allow: "May see you",
  confirm: "Have to ask",
  "polite-block": "See you offline, always",
  block: "Are refused",
};

/** What holds for somebody: a rule of their own, or the one of all who live here. */
export function actionFor(rules: PresenceRules, who: string): WatcherAction {
  return rules.watchers.find((one) => isSameAddress(one.who, who))?.action ?? rules.house;
}

/** Another rule for somebody; one that says what holds for all anyway is left out. */
export function withRule(rules: PresenceRules, who: string, action: WatcherAction): PresenceRules {
  const others = rules.watchers.filter((one) => !isSameAddress(one.who, who));
  const watchers = action === rules.house ? others : [...others, { who, action }];
  return { ...rules, watchers };
}
