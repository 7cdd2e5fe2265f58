/** The servers of several URIs, in the order of those: one that fails is followed by the next. */
import type { Target } from "../locate/target.ts";
import type { Wanted } from "../locate/wanted.ts";
import type { Locator, Outcome } from "./locator.ts";

/**
 * Searches for all of them at once; `done` hears once, perhaps before this returns: of the servers
 * of those that have any, or why the first one has none. The result gives it up.
 */
export function locateAll(
  locator: Pick<Locator, "search">,
  all: readonly Wanted[],
  done: (outcome: Outcome) => void,
): () => void {
  const [only, ...more] = all;
  if (!only) throw new RangeError("nothing is wanted");
  if (more.length === 0) return locator.search(only, done);
  const outcomes: (Outcome | undefined)[] = all.map(() => undefined);
  const heard = (nth: number, outcome: Outcome): void => {
    outcomes[nth] = outcome;
    const known = outcomes.flatMap((one) => one ?? []);
    if (known.length === all.length) done(together(known));
  };
  const searches = all.map((wanted, nth) => locator.search(wanted, (one) => heard(nth, one)));
  return () => {
    for (const giveUp of searches) giveUp();
  };
}

function together(outcomes: readonly Outcome[]): Outcome {
  const targets = outcomes.flatMap((one): readonly Target[] =>
    one.kind === "Located" ? one.targets : [],
  );
  const [first] = outcomes;
  return targets.length === 0 && first ? first : { kind: "Located", targets };
}
