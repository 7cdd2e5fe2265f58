/** RFC 6337 §2, §3 to the letter: tables 1 and 2, and figures 1 and 2, between two ends. */
import { describe, expect, test } from "vitest";
import { CALLS, exchange, over, told } from "../testing/offer-answer/exchange.ts";
import { EARLY, FIGURE_1, FIGURE_2, TABLE_1, TABLE_2 } from "../testing/offer-answer/patterns.ts";

const CALL = CALLS.A;

describe("RFC 6337 §2.2, table 1", () => {
  test.each(TABLE_1.map((row) => [row.name, row] as const))("%s", (_, { messages, phases }) => {
    for (const [phase, { before, may }] of Object.entries(phases)) {
      const isFirst = may !== "Y";
      const played = exchange(...before, ...(isFirst ? messages.slice(0, 1) : messages));
      const outcome = played.slice(before.length).filter((line) => line.includes(": "));
      if (isFirst) {
        expect(outcome).toEqual([`${messages[0]}: Illegal (${may})`]);
        continue;
      }
      // An offer, its answer, and that both ends know it: nothing is ignored, refused or broken.
      const [offer, ...agreed] = outcome.map((line) => line.replace(/^.*?: /, ""));
      expect([phase, offer]).toEqual([phase, "Offered"]);
      expect(agreed.toSorted()).toEqual(["Agreed (local answered)", "Agreed (remote answered)"]);
    }
  });

  test("RFC 6337 §2.2: an INVITE's exchange follows one of the patterns, and is one", () => {
    const again = [...EARLY, "B> 1xx-rel(c)"];
    expect(exchange(...again).at(-1)).toBe("B> 1xx-rel(c): Illegal (RFC 6337 §3.1.1)");
    expect(exchange(...over("A", "INVITE"), "B> 1xx-rel").at(-1)).toBe(
      "B> 1xx-rel: Illegal (RFC 6337 §2.2)",
    );
    expect(exchange(...over("A", "INVITE"), "B> 2xx-INVITE").at(-1)).toBe(
      "B> 2xx-INVITE: Illegal (RFC 3261 §13.2.1)",
    );
    // The first reliable response need not have the answer; then its PRACK cannot offer.
    const without = [...over("A", "INVITE(a)"), ...over("B", "1xx-rel")];
    expect(exchange(...without, "A> PRACK(c)").at(-1)).toBe("A> PRACK(c): Illegal (RFC 6337 §2.2)");
  });

  test("RFC 6337 §2.2: a first offer in 1xx-rel changes nothing of UPDATE and PRACK", () => {
    const early = [...over("A", "INVITE"), ...over("B", "1xx-rel(o)")];
    expect(exchange(...early, "A> UPDATE(c)").at(-1)).toContain("Illegal (UAC-IU)");
    expect(exchange(...early, "B> UPDATE(c)").at(-1)).toContain("Illegal (UAC-IU)");
    const answered = [...early, ...over("A", "PRACK(n)"), ...over("B", "2xx-PRACK")];
    expect(exchange(...answered, ...over("A", "UPDATE(c)")).at(-1)).toBe("B< UPDATE(c): Offered");
    expect(exchange(...answered, ...over("B", "UPDATE(c)")).at(-1)).toBe("A< UPDATE(c): Offered");
  });
});

describe("RFC 6337 §2.3, table 2: how each offer is rejected", () => {
  test.each(TABLE_2.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const { before, messages, outcome } = row;
    expect(exchange(...before, ...messages).at(-1)).toBe(`${messages.at(-1)}: ${outcome}`);
  });

  /** The exchange that may follow once the rejection is over. */
  const agreedAfter = (...lines: readonly string[]) =>
    told(...lines, ...over("A", "UPDATE(e)"), ...over("B", "2xx-UPDATE(f)")).slice(-3);
  const AGREED = [
    "B< UPDATE(e): Offered",
    "B> 2xx-UPDATE(f): Agreed (local answered)",
    "A< 2xx-UPDATE(f): Agreed (remote answered)",
  ];

  test("1, 3. INVITE: 488, and what was agreed before holds", () => {
    const lines = [...over("A", "INVITE(o)"), ...over("B", "failure-INVITE")];
    const dropped = [
      "B< INVITE(o): Offered",
      "B> failure-INVITE: Dropped remote offer",
      "A< failure-INVITE: Dropped local offer",
    ];
    expect(told(...lines)).toEqual(dropped);
    expect(told(...CALL, ...lines).slice(-3)).toEqual(dropped);
    expect(agreedAfter(...CALL, ...lines)).toEqual(AGREED);
    expect(exchange(...lines, "A> UPDATE(e)").at(-1)).toContain("Illegal (RFC 6337 §2.2)");
  });

  test("1, 3 (*). a re-INVITE whose offer was in use and that fails is rolled back", () => {
    expect(told(...CALL, ...EARLY, ...over("B", "failure-INVITE")).slice(-2)).toEqual([
      "B> failure-INVITE: RolledBack",
      "A< failure-INVITE: RolledBack",
    ]);
  });

  test("2. 2xx: an answer in the ACK, then a new offer", () => {
    const lines = [...CALL, ...over("A", "INVITE"), ...over("B", "2xx-INVITE(o)")];
    expect(exchange(...lines, "A> ACK").at(-1)).toBe("A> ACK: Illegal (RFC 3261 §13.2.2.4)");
    expect(agreedAfter(...lines, ...over("A", "ACK(n)"))).toEqual(AGREED);
    const reinvite = [...over("A", "INVITE(e)"), ...over("B", "2xx-INVITE(f)")];
    expect(told(...lines, ...over("A", "ACK(n)"), ...reinvite).at(-1)).toContain("Agreed");
  });

  test("4. 1xx-rel: an answer in the PRACK, then a new offer", () => {
    const lines = [...over("A", "INVITE"), ...over("B", "1xx-rel(o)")];
    expect(exchange(...lines, "A> PRACK").at(-1)).toBe("A> PRACK: Illegal (RFC 3262 §5)");
    const answered = [...lines, ...over("A", "PRACK(n)"), ...over("B", "2xx-PRACK")];
    expect(agreedAfter(...answered)).toEqual(AGREED);
  });

  test("5. PRACK: an answer in its 2xx, then a new offer; and a 488 that some send", () => {
    const lines = [
      ...[...over("A", "INVITE(a)"), ...over("B", "1xx-rel(b)"), ...over("A", "PRACK(o)")],
    ];
    expect(exchange(...lines, "B> 2xx-PRACK").at(-1)).toBe("B> 2xx-PRACK: Illegal (RFC 3262 §5)");
    expect(agreedAfter(...lines, ...over("B", "2xx-PRACK(n)"))).toEqual(AGREED);
    const refused = [...lines, ...over("B", "failure-PRACK")];
    expect(told(...refused).slice(-2)).toEqual([
      "B> failure-PRACK: Dropped remote offer",
      "A< failure-PRACK: Dropped local offer",
    ]);
    expect(agreedAfter(...refused, ...over("A", "PRACK"), ...over("B", "2xx-PRACK"))).toEqual(
      AGREED,
    );
  });

  test("6. UPDATE: 488", () => {
    const lines = [...CALL, ...over("A", "UPDATE(o)"), ...over("B", "failure-UPDATE")];
    expect(told(...lines).slice(-2)).toEqual([
      "B> failure-UPDATE: Dropped remote offer",
      "A< failure-UPDATE: Dropped local offer",
    ]);
    expect(agreedAfter(...lines)).toEqual(AGREED);
  });
});

describe("RFC 6337 §3: with 100rel", () => {
  test("RFC 6337 §3.1.1, figure 1", () => {
    expect(told(...FIGURE_1)).toEqual([
      "B< INVITE(o): Offered",
      "A< 1xx(n): Preview",
      "A> UPDATE(e): Illegal (UAC-IU)",
      "A> UPDATE(e): Illegal (UAC-IU)",
      "B> 1xx-rel(n): Agreed (local answered)",
      "A< 1xx-rel(n): Agreed (remote answered)",
      "B< PRACK(e): Offered",
      "B> 2xx-PRACK(f): Agreed (local answered)",
      "A< 2xx-PRACK(f): Agreed (remote answered)",
      "B< UPDATE(g): Offered",
      "B> 2xx-UPDATE(h): Agreed (local answered)",
      "A< 2xx-UPDATE(h): Agreed (remote answered)",
      "B> 2xx-INVITE(n): Illegal (RFC 6337 §3.1.1)",
    ]);
  });

  test("RFC 6337 §3.1.1: what peers say more than once is ignored, whatever it says", () => {
    const stray = [...EARLY, "B! 1xx-rel(z)", "A< 1xx-rel(z)", "B! 2xx-INVITE(z)"];
    expect(told(...stray, "A< 2xx-INVITE(z)", "A> ACK").slice(-2)).toEqual([
      "A< 1xx-rel(z): Ignored (RFC 6337 §3.1.1)",
      "A< 2xx-INVITE(z): Ignored (RFC 6337 §3.1.1)",
    ]);
  });

  test("RFC 6337 §3.1.1: UAS 1, all descriptions in the responses are the same", () => {
    const preview = [...over("A", "INVITE(o)"), ...over("B", "1xx(n)")];
    for (const other of ["B> 1xx(z)", "B> 1xx-rel(z)", "B> 2xx-INVITE(z)"]) {
      expect(exchange(...preview, other).at(-1)).toBe(`${other}: Illegal (RFC 3261 §13.2.1)`);
    }
    expect(exchange(...preview, ...over("B", "1xx"), ...over("B", "1xx(n)")).at(-1)).toBe(
      "A< 1xx(n): Ignored (RFC 6337 §3.1)",
    );
  });

  test("RFC 6337 §3.1.2, figure 2", () => {
    expect(told(...FIGURE_2)).toEqual([
      "A< 1xx-rel(o): Offered",
      "A> PRACK(n): Agreed (local answered)",
      "B< PRACK(n): Agreed (remote answered)",
      "B< UPDATE(e): Offered",
      "B> 2xx-UPDATE(f): Agreed (local answered)",
      "A< 2xx-UPDATE(f): Agreed (remote answered)",
      "B> 1xx-rel(o): Illegal (RFC 6337 §3.1.1)",
      "B> 2xx-INVITE(o): Illegal (RFC 6337 §3.1.1)",
    ]);
  });

  test("RFC 6337 §3.2: early, the caller has PRACK and UPDATE, the callee has UPDATE", () => {
    expect(exchange(...EARLY, ...over("A", "UPDATE(c)")).at(-1)).toBe("B< UPDATE(c): Offered");
    expect(exchange(...EARLY, ...over("B", "UPDATE(c)")).at(-1)).toBe("A< UPDATE(c): Offered");
    expect(exchange(...EARLY, "B> 1xx-rel(c)").at(-1)).toContain("Illegal");
  });

  test("RFC 6337 §3.4: after a failed re-INVITE, what is in force again can be offered", () => {
    const failed = [...CALL, ...EARLY, ...over("A", "UPDATE(c)"), ...over("B", "2xx-UPDATE(d)")];
    const rolled = [...failed, ...over("B", "failure-INVITE")];
    expect(told(...rolled).slice(-2)).toEqual([
      "B> failure-INVITE: RolledBack",
      "A< failure-INVITE: RolledBack",
    ]);
    expect(told(...rolled, ...over("A", "UPDATE(x)")).at(-1)).toBe("B< UPDATE(x): Offered");
  });
});
