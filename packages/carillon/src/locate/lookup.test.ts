import { expect, test } from "vitest";
import { NEVER } from "../grammar/millis.ts";
import { foundOf } from "../testing/network/lying-dns.ts";
import { asked } from "../testing/resolve.ts";
import { earliest, expire, hear, isOpen, lookUp, newQueries, recordsOf } from "./lookup.ts";

const A = asked("A example.com");
const address = foundOf([{ type: "A", address: "192.0.2.1" }]);

test("a question waits two seconds for its answer, and no longer", () => {
  const lookup = lookUp(A, 100);
  expect(lookup.timerQuestion).toBe(2_100);
  expect(expire(lookup, 2_099)).toBe(lookup);
  expect(expire(lookup, 2_100)).toMatchObject({
    outcome: { kind: "Failed", why: "timeout" },
    timerQuestion: NEVER,
  });
});

test("an answer settles it, and a second one changes nothing", () => {
  const settled = hear(lookUp(A, 0), A, address, 5);
  expect(recordsOf(settled, "A")).toEqual([{ type: "A", address: "192.0.2.1" }]);
  expect(settled.timerQuestion).toBe(NEVER);
  expect(hear(settled, A, { kind: "None", why: "NXDOMAIN", ttlSeconds: 0 }, 6)).toBe(settled);
  expect(expire(settled, 9_000)).toBe(settled);
});

test("an answer to another question is not heard", () => {
  const lookup = lookUp(A, 0);
  expect(hear(lookup, asked("AAAA example.com"), address, 5)).toBe(lookup);
  expect(hear(lookup, asked("A example.org"), address, 5)).toBe(lookup);
});

test("an alias is asked for under its own name, with two seconds of its own", () => {
  const alias = { kind: "Alias", name: "Host.Example.NET.", ttlSeconds: 60 } as const;
  const next = hear(lookUp(A, 0), A, alias, 50);
  expect(next).toMatchObject({ asked: asked("A host.example.net"), timerQuestion: 2_050 });
  expect(hear(next, A, address, 60)).toBe(next);
  expect(isOpen(hear(next, asked("A host.example.net"), address, 60))).toBe(false);
});

test("an alias for what is no name is nothing", () => {
  for (const name of ["a b", "", "x.invalid"]) {
    const next = hear(lookUp(A, 0), A, { kind: "Alias", name, ttlSeconds: 60 }, 50);
    expect(next.outcome).toEqual({ kind: "None", why: "NXDOMAIN", ttlSeconds: 0 });
  }
});

test("what cannot be asked for has its answer at once", () => {
  expect(lookUp(asked("A x.invalid"), 0)).toMatchObject({
    outcome: { kind: "None" },
    timerQuestion: NEVER,
  });
});

test("records of another type than asked for are never read out", () => {
  const settled = hear(lookUp(A, 0), A, address, 5);
  expect(recordsOf(settled, "SRV")).toEqual([]);
  expect(recordsOf(undefined, "A")).toEqual([]);
  expect(recordsOf(lookUp(A, 0), "A")).toEqual([]);
});

test("two that want the same are one question, and what is out is not asked again", () => {
  const [one, other] = [lookUp(A, 0), lookUp(asked("AAAA example.com"), 0)];
  expect(newQueries([], [one, one, other]).map(({ question: q }) => q.type)).toEqual(["A", "AAAA"]);
  expect(newQueries([one], [one, other]).map(({ question: q }) => q.type)).toEqual(["AAAA"]);
  expect(newQueries([], [expire(one, 9_000)])).toEqual([]);
});

test("the earliest of several deadlines counts", () => {
  expect(earliest([lookUp(A, 300), lookUp(A, 100), lookUp(A, 200)])).toBe(2_100);
  expect(earliest([])).toBe(NEVER);
});
