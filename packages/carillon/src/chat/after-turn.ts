/** What a phone is asked from outside of its endpoint's turn, by what happens within one. */

/**
 * Runs it as soon as the turn is over: subscriptions and messages of a phone begin turns of their
 * own. What it throws is that the phone has been closed meanwhile, and nobody's.
 */
export function afterTurn(run: () => void): void {
  void Promise.resolve()
    .then(run)
    .catch(() => {});
}
