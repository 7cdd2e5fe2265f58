/** RFC 6337 §4 to the letter: tables 3 and 4, and figures 4 to 19, between two ends. */
import { expect, test } from "vitest";
import { type Crossing, FIGURES, TABLE_3, TABLE_4 } from "../testing/offer-answer/crossings.ts";
import { CALLS, exchange } from "../testing/offer-answer/exchange.ts";

/** `491 UcU` is how the tables say that the other's request is refused, `UAC-UI` not to send it. */
const outcomeOf = (short: string): string => {
  const [status, rule] = short.split(" ");
  return rule === undefined ? `Illegal (${short})` : `Reject ${status} (UAS-${rule})`;
};

function holds({ refused, later }: Crossing, call: readonly string[]): void {
  for (const [lines, short] of refused) {
    expect(exchange(...call, ...lines).at(-1)).toBe(`${lines.at(-1)}: ${outcomeOf(short)}`);
  }
  const [lines = []] = refused.at(-1) ?? [];
  if (!later) return;
  expect(exchange(...call, ...lines, ...later[0]).at(-1)).toBe(`${later[0].at(-1)}: ${later[1]}`);
}

const rows = (table: readonly Crossing[]) =>
  table.map((crossing) => [crossing.row, crossing] as const);

test.each(rows(TABLE_3))("RFC 6337 §4.1, table 3: %s", (_, crossing) => {
  holds(crossing, CALLS.A);
  holds(crossing, CALLS.B);
});

test.each(rows(TABLE_4))("RFC 6337 §4.2, table 4: %s", (_, crossing) => {
  holds(crossing, CALLS.A);
  holds(crossing, CALLS.B);
});

test.each(rows(FIGURES))("RFC 6337 §4.3: %s", (_, crossing) => {
  holds(crossing, CALLS.A);
  holds(crossing, CALLS.B);
});
