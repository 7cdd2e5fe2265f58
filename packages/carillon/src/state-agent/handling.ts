/** What becomes of a subscription by its owner's rules, and who waits for them. RFC 5025 §3.2.1. */
import type { Handling, Rules } from "./rules.ts";
import type { Asked, SourceRefusal, Standing, Watcher } from "./source.ts";

/** Nobody is asked about their own state. */
export const handlingOf = (
  rules: Rules,
  owner: string,
  watcher: Watcher,
  event: string,
): Handling => (watcher.account === owner ? "allow" : rules.handling(owner, watcher, event));

//= RFC 5025 §3.2.1
//# block: This action tells the server to reject the subscription, placing it in the "terminated"
//# state.
//= RFC 5025 §3.2.1
//# confirm: This action tells the server to place the subscription in the "pending" state, and
//# await input from the presentity to determine how to proceed.
//= RFC 5025 §3.2.1
//# polite-block: This action tells the server to place the subscription into the "active" state,
//# and to produce a presence document that indicates that the presentity is unavailable.
export function standingBy(handling: Handling): Standing {
  if (handling === "block") return "Refused";
  return handling === "confirm" ? "Waiting" : "Allowed";
}

/** Of a package where pretending makes no sense: who may not know it is refused. */
export function plainStanding(rules: Rules, { resource, watcher, event }: Asked): Standing {
  const handling = handlingOf(rules, resource, watcher, event.type);
  return handling === "polite-block" ? "Refused" : standingBy(handling);
}

export const NOT_TOLD: SourceRefusal = {
  ...{ status: 403, why: "they do not want this to be known" },
};
