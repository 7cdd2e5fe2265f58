import { expect, test } from "vitest";
import type { Flow } from "../transport/flow.ts";
import { type Ban, Bans, FIRST_BAN_MS } from "./bans.ts";
import { Shield, type ShieldOptions } from "./shield.ts";

const NOW = 1_000_000_000_000;
const local = { host: "192.0.2.1", port: 5060 };
const udp = (host: string, port = 5060): Flow => ({
  ...{ transport: "UDP", local, connection: 0, remote: { host, port } },
});
const tcp = (host: string, connection: number): Flow => ({
  ...{ transport: "TCP", local, connection, remote: { host, port: 40_000 } },
});
const BAD = "203.0.113.66";

function make(options: Partial<ShieldOptions> = {}) {
  const banned: Ban[] = [];
  const bans = new Bans();
  const shield = new Shield({ bans, banned: (ban) => banned.push(ban), ...options });
  /** One wrong password; whether it was looked at. */
  const guess = (flow: Flow, account: string | undefined, now = NOW, callId = "guess"): boolean => {
    const attempt = { flow, account, callId };
    const isLookedAt = shield.mayTry(attempt, now);
    if (isLookedAt) shield.failed(attempt, now);
    return isLookedAt;
  };
  const signIn = (flow: Flow, account: string, now = NOW, callId = `${account}'s`): boolean => {
    const attempt = { flow, account, callId };
    const isLookedAt = shield.mayTry(attempt, now);
    if (isLookedAt) shield.succeeded(attempt, now);
    return isLookedAt;
  };
  return { shield, bans, banned, guess, signIn };
}

test("of one source at most ten passwords for one account are looked at in ten minutes", () => {
  const { guess } = make();
  const looked: number[] = [];
  // One a second, from a new port each time, for an hour.
  for (let s = 0; s < 3600; s++)
    if (guess(udp(BAD, 1024 + s), "ann", NOW + 1000 * s)) looked.push(s);
  for (const from of looked) {
    const within = looked.filter((s) => s >= from && s < from + 600);
    expect(within.length).toBeLessThanOrEqual(10);
  }
  expect(looked.length).toBeGreaterThan(20);
});

test("who is registered at a start is known as if they had signed in by it", () => {
  const office = make();
  const phone = { flow: udp(BAD, 5062), account: "ann", callId: "ann's" };
  const guessing = () => {
    for (let s = 0; s < 600; s++) office.guess(udp(BAD, 40_000), "bob", NOW + 1000 * s);
    return office.banned.length;
  };
  office.shield.remembers(phone, NOW);
  expect([office.shield.knows(phone.flow, NOW), guessing()]).toEqual([true, 0]);
  const stranger = make();
  for (let s = 0; s < 600; s++) stranger.guess(udp(BAD, 40_000), "bob", NOW + 1000 * s);
  expect(stranger.banned.length, "and nobody else is").toBe(1);
});

test("of all sources together at most a hundred for one account in an hour", () => {
  const { guess } = make();
  let looked = 0;
  for (let s = 0; s < 3600; s++) {
    for (let host = 0; host < 5; host++) {
      const nth = 5 * s + host;
      const from = `198.51.${nth >> 8}.${nth & 255}`;
      if (guess(udp(from), "ann", NOW + 1000 * s)) looked++;
    }
  }
  expect(looked).toBeLessThanOrEqual(100);
  expect(looked).toBeGreaterThan(90);
});

test("one source may be wrong about only so many accounts", () => {
  const { guess } = make();
  const looked = Array.from({ length: 50 }, (_, nth) => guess(udp(BAD), `p${nth}`));
  expect(looked.filter(Boolean)).toHaveLength(30);
  // Also where nobody has such a name.
  const { guess: other } = make();
  expect(Array.from({ length: 50 }, () => other(udp(BAD), undefined)).filter(Boolean)).toHaveLength(
    30,
  );
});

test("no account is locked: where it has been before, it goes on while others guess", () => {
  const { guess, signIn } = make();
  expect(signIn(udp("192.0.2.9", 40_001), "ann")).toBe(true);
  for (let nth = 0; nth < 500; nth++) guess(udp(`198.51.100.${nth % 250}`), "ann", NOW + nth);
  expect(guess(udp("192.0.2.200"), "ann", NOW + 600)).toBe(false);
  // The same place, the same source with another port, the same phone somewhere else.
  expect(signIn(udp("192.0.2.9", 40_001), "ann", NOW + 600)).toBe(true);
  expect(signIn(udp("192.0.2.9", 50_002), "ann", NOW + 600, "new")).toBe(true);
  expect(signIn(udp("192.0.2.201"), "ann", NOW + 600)).toBe(true);
  // Nobody else has anything of it.
  expect(guess(udp("192.0.2.202"), "ann", NOW + 600)).toBe(false);
});

test("whoever guesses beside a phone, behind the same address, does not shut it out", () => {
  const { guess, signIn, banned } = make();
  signIn(tcp("192.0.2.9", 7), "ann");
  for (let nth = 0; nth < 1000; nth++) guess(tcp("192.0.2.9", 8 + nth), "ann", NOW + nth);
  expect(guess(tcp("192.0.2.9", 3000), "ann", NOW + 1000)).toBe(false);
  expect(signIn(tcp("192.0.2.9", 7), "ann", NOW + 1000)).toBe(true);
  // Restarted, it has a new connection and the Call-ID that it had.
  expect(signIn(tcp("192.0.2.9", 4000), "ann", NOW + 1000)).toBe(true);
  expect(banned).toEqual([]);
});

test("who has signed in is a stranger for all accounts but their own", () => {
  const { guess, signIn } = make();
  signIn(udp(BAD, 5070), "mallory");
  const looked = Array.from({ length: 20 }, () => guess(udp(BAD, 5070), "ann")).filter(Boolean);
  expect(looked).toHaveLength(5);
});

test("a right password takes back what was wrong before", () => {
  const { guess, signIn } = make();
  for (let nth = 0; nth < 4; nth++) guess(udp("192.0.2.9"), "ann");
  signIn(udp("192.0.2.9"), "ann");
  const looked = Array.from({ length: 9 }, () => guess(udp("192.0.2.9"), "ann")).filter(Boolean);
  expect(looked).toHaveLength(5);
});

test("who goes on guessing is banned, once, with a reason and an end", () => {
  const { shield, guess, banned } = make();
  for (let nth = 0; nth < 200; nth++) guess(udp(BAD), "ann", NOW + nth);
  expect(banned).toHaveLength(1);
  expect(banned[0]).toMatchObject({ source: BAD, reason: "guessed passwords", by: "behaviour" });
  expect([shield.hears(udp(BAD), NOW + 200), shield.hears(udp("192.0.2.9"), NOW + 200)]).toEqual([
    ...[false, true],
  ]);
  expect(shield.hears(udp(BAD), NOW + 200 + FIRST_BAN_MS)).toBe(true);
  expect(shield.census()).toMatchObject({ wrong: 5, refused: 1 });
});

test("a phone with an old password that tries every ten seconds is never banned", () => {
  const { guess, banned } = make();
  for (let s = 0; s < 36_000; s += 10) guess(udp("192.0.2.9"), "ann", NOW + 1000 * s);
  expect(banned).toEqual([]);
});

test("own networks are never banned, and budgets hold for them all the same", () => {
  const { shield, guess, bans, banned } = make({ never: (host) => host.startsWith("10.") });
  const looked = Array.from({ length: 200 }, () => guess(tcp("10.0.0.7", 3), "ann"));
  expect([looked.filter(Boolean).length, banned]).toEqual([5, []]);
  bans.add("10.0.0.7", "by mistake", NOW);
  expect(shield.hears(tcp("10.0.0.7", 3), NOW)).toBe(true);
});

test("a flow that signed in is heard though its source was banned meanwhile", () => {
  const { shield, bans, signIn } = make();
  signIn(tcp("192.0.2.9", 7), "ann");
  bans.add("192.0.2.9", "by a person", NOW);
  expect(shield.hears(tcp("192.0.2.9", 7), NOW)).toBe(true);
  expect(shield.hears(tcp("192.0.2.9", 8), NOW)).toBe(false);
});

test("over UDP a source gets a hundred answers a second and then silence, and no ban", () => {
  const { shield, banned } = make();
  let answered = 0;
  for (let ms = 0; ms < 10_000; ms++) if (shield.answers(udp(BAD, 1024 + ms), NOW + ms)) answered++;
  expect(answered).toBeGreaterThanOrEqual(1000);
  expect(answered).toBeLessThanOrEqual(1100);
  expect(shield.answers(udp("192.0.2.9"), NOW + 10_000)).toBe(true);
  expect(banned).toEqual([]);
});

test("where somebody signed in is answered, whatever comes in its source's name", () => {
  const { shield, signIn } = make();
  signIn(udp("192.0.2.9", 40_001), "ann");
  for (let nth = 0; nth < 1000; nth++) shield.answers(udp("192.0.2.9", 5060), NOW);
  expect(shield.answers(udp("192.0.2.9", 5060), NOW)).toBe(false);
  expect(shield.answers(udp("192.0.2.9", 40_001), NOW)).toBe(true);
});

test("over connections everything is answered, and who asks far too much is banned", () => {
  const { shield, banned } = make();
  for (let nth = 0; nth < 1000; nth++) expect(shield.answers(tcp(BAD, 3), NOW)).toBe(true);
  expect(banned).toEqual([]);
  for (let nth = 0; nth < 100; nth++) expect(shield.answers(tcp(BAD, 3), NOW)).toBe(true);
  expect(banned).toMatchObject([{ source: BAD, reason: "asked too much" }]);
});
