/**
 * Who may know how somebody here is: what that person says, within what the operator allows. The
 * same for presence and for busy lamps; registrations and mailboxes are nobody else's business.
 */
import type { Handling, Rules, Watcher } from "carillon/state-agent";
import { domainOf, readAddress } from "../store/address.ts";
import { actionFor, type PresenceRules } from "../store/presence-settings.ts";

export interface HouseRulesParts {
  readonly domain: string;
  /** Of this account. */
  readonly rules: (account: string) => PresenceRules;
  /** Whether this account wants to look as if nobody were there. */
  readonly isHidden: (account: string) => boolean;
  /** Whether people of this other domain may ask at all. */
  readonly mayAsk: (domain: string) => boolean;
  /** Somebody has to be asked whether this address may see them. */
  readonly ask: (owner: string, who: string) => void;
}

const SHARED: ReadonlySet<string> = new Set(["presence", "dialog"]);

export function houseRules({ domain, rules, isHidden, mayAsk, ask }: HouseRulesParts): Rules {
  return {
    asked: (owner, watcher) => {
      const who = addressOf(watcher, domain);
      if (who !== undefined) ask(owner, who);
    },
    handling: (owner, watcher, event): Handling => {
      const who = addressOf(watcher, domain);
      if (!SHARED.has(event) || who === undefined) return "block";
      const isOfHouse = watcher.account !== undefined;
      // A trusted place may come in anybody's name, but nobody's rule is for such a one.
      if (!isOfHouse && domainOf(who) === domain) return "block";
      if (!isOfHouse && !mayAsk(domainOf(who))) return "block";
      const action = actionFor(rules(owner), who, isOfHouse);
      // Whoever hides from all is not betrayed by a busy lamp.
      return action === "allow" && event === "dialog" && isHidden(owner) ? "polite-block" : action;
    },
  };
}

function addressOf({ account, uri }: Watcher, domain: string): string | undefined {
  if (account !== undefined) return `sip:${account}@${domain}`;
  const read = readAddress(uri, domain);
  return read.ok ? read.value : undefined;
}
