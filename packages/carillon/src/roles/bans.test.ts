import { expect, test } from "vitest";
import { Bans, FIRST_BAN_MS, LONGEST_BAN_MS } from "./bans.ts";

const NOW = 1_000_000_000_000;

test("a ban holds for one source until its end", () => {
  const bans = new Bans();
  const ban = bans.add("192.0.2.7", "guessed passwords", NOW);
  expect(ban).toEqual({
    ...{ source: "192.0.2.7", reason: "guessed passwords", by: "behaviour", times: 1 },
    ...{ since: NOW, until: NOW + FIRST_BAN_MS },
  });
  expect(bans.of("192.0.2.7", NOW + FIRST_BAN_MS - 1)).toBe(ban);
  expect(bans.of("192.0.2.7", NOW + FIRST_BAN_MS)).toBeUndefined();
  expect(bans.of("192.0.2.8", NOW)).toBeUndefined();
  expect([bans.list(NOW), bans.list(NOW + FIRST_BAN_MS)]).toEqual([[ban], []]);
});

test("while it holds there is no second one, and the next one lasts four times as long", () => {
  const bans = new Bans();
  let now = NOW;
  const lasted = [1, 2, 3, 4, 5, 6].map((times) => {
    const ban = bans.add("192.0.2.7", "guessed passwords", now);
    expect(bans.add("192.0.2.7", "guessed passwords", now + 1)).toBeUndefined();
    expect(ban?.times).toBe(times);
    now = ban?.until ?? now;
    return (ban?.until ?? 0) - (ban?.since ?? 0);
  });
  expect(lasted.slice(0, 4)).toEqual([1, 4, 16, 64].map((one) => one * FIRST_BAN_MS));
  expect(lasted.slice(4)).toEqual([LONGEST_BAN_MS, LONGEST_BAN_MS]);
  expect(bans.add("192.0.2.7", "again", now + LONGEST_BAN_MS)?.times).toBe(1);
});

test("an IPv6 network of 64 bits is one source", () => {
  const bans = new Bans();
  bans.add("2001:db8:0:1::5", "guessed passwords", NOW);
  expect(bans.of("2001:db8:0:1:a:b:c:d", NOW)?.source).toBe("2001:db8:0:1::/64");
  expect(bans.of("2001:db8:0:2::5", NOW)).toBeUndefined();
});

test("the table has an end: who was banned first goes; and all of it can be replaced", () => {
  const bans = new Bans(2);
  for (const host of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) bans.add(host, "why", NOW);
  expect(bans.size).toBe(2);
  expect(bans.of("192.0.2.1", NOW)).toBeUndefined();
  const [kept] = bans.list(NOW);
  bans.replace(kept ? [kept] : []);
  expect(bans.list(NOW)).toEqual([kept]);
});
