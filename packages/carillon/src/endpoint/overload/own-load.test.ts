import { describe, expect, test } from "vitest";
import { OwnLoad } from "./own-load.ts";

/** Who may wait for 100 ms, and messages that come one after the other. */
function load() {
  const own = new OwnLoad(100);
  let now = 1000;
  return {
    /** So many messages that waited for so long; each takes so long, and belongs to one of ours. */
    come(count: number, waitedMs: number, tookMs: number, isOurs: boolean): boolean {
      for (let nth = 0; nth < count; nth++, now += tookMs) {
        own.note(waitedMs, now);
        if (isOurs) own.letIn(now);
      }
      return own.isTooMuch;
    },
    pass(ms: number) {
      now += ms;
    },
  };
}

describe("what our own ask for is too much", () => {
  test("when everybody waits for a while, and their requests take the time", () => {
    expect(load().come(10, 120, 10, true)).toBe(false);
    expect(load().come(20, 120, 10, true)).toBe(true);
  });

  test("also when they take only an eighth of it, the rest being what follows from them", () => {
    const { come } = load();
    for (let nth = 0; nth < 10; nth++) {
      come(7, 120, 3, false);
      come(1, 120, 3, true);
    }
    expect(come(1, 120, 3, false)).toBe(true);
  });

  test("when nothing else has helped for three seconds", () => {
    const { come } = load();
    expect(come(299, 120, 10, false)).toBe(false);
    expect(come(2, 120, 10, false)).toBe(true);
  });

  test("until nothing has lasted for a second, pauses aside", () => {
    const { come } = load();
    come(20, 120, 10, true);
    expect(come(90, 20, 10, false)).toBe(true);
    expect(come(5, 300, 1, false)).toBe(true);
    expect(come(20, 20, 10, false)).toBe(false);
  });
});

describe("it is not too much", () => {
  test("while strangers' requests take the time", () => {
    expect(load().come(1000, 180, 2, false)).toBe(false);
  });

  test("on a machine that stands still for 400 ms again and again, and catches up", () => {
    const { come, pass } = load();
    for (let nth = 0; nth < 50; nth++) {
      pass(400);
      for (let waited = 400; waited > 0; waited -= 20) come(1, waited, 1, true);
      expect(come(1, 0, 1, true)).toBe(false);
    }
  });

  test("however long it stands still over one of their requests", () => {
    const { come } = load();
    for (let nth = 0; nth < 20; nth++) expect(come(1, 300, 100, true)).toBe(false);
  });
});
