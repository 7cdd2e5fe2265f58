import { expect, test } from "vitest";
import { office } from "../testing/message-office.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 10, 29);

/** A house with a calendar of its own, of which Bob has a message for each time given. */
function kept(at: readonly number[], calendar = NOW) {
  const clock = { aheadMs: 0 };
  const made = office({ wall: () => made.stage.wire.now + clock.aheadMs });
  const set = (to: number) => {
    clock.aheadMs = to - made.stage.wire.now;
  };
  set(calendar);
  for (const [nth, time] of at.entries()) {
    const what = { kind: "Message", id: `${nth}`, from: "sip:x@y.example" } as const;
    made.store.post({
      ...{ key: { from: what.from, id: `m ${nth}` }, at: time },
      what: { ...what, contentType: "text/plain", body: "hello" },
      journals: [{ account: "bob", conversation: what.from }],
    });
  }
  // The first request begins the rounds.
  made.say();
  const left = () => made.journal("bob").filter(({ what }) => "id" in what && what.id.length < 3);
  return { left: () => left().length, run: (ms: number) => made.stage.wire.wait(ms), set };
}

test("what is too old goes once the calendar has been the same for an hour", () => {
  const { left, run } = kept([NOW - 731 * DAY_MS, NOW - 729 * DAY_MS]);
  run(HOUR_MS - 60_000);
  expect(left()).toBe(2);
  run(2 * 60_000);
  expect(left()).toBe(1);
});

test("a calendar that is wrong for a while takes no messages away", () => {
  const { left, run, set } = kept([NOW - DAY_MS, NOW - 731 * DAY_MS]);
  run(2 * HOUR_MS);
  expect(left()).toBe(2);
  // Somebody has typed 2062, and sees it half an hour later.
  set(NOW + 36 * 365 * DAY_MS);
  run(HOUR_MS / 2);
  expect(left()).toBe(2);
  set(NOW + 3 * HOUR_MS);
  run(3 * HOUR_MS);
  expect(left()).toBe(2);
});

test("what came while a machine without a battery thought it was 1970 stays", () => {
  const { left, run, set } = kept([NOW - DAY_MS, 5 * 60_000], 10 * 60_000);
  run(60_000);
  set(NOW);
  run(3 * HOUR_MS);
  expect(left()).toBe(2);
});
