import fc from "fast-check";
import { expect, test } from "vitest";
import { toBytes } from "../grammar/octets.ts";
import { issueNonce, NONCE_LIFE_MS, type NonceIssuer } from "./nonce.ts";
import { MAX_NONCES, NONCE_WINDOW, NonceWindow } from "./nonce-window.ts";
import { portableCrypto } from "./portable-crypto.ts";

let drawn = 0;
const crypto = portableCrypto((count) => new Uint8Array(count).map(() => drawn++));
const boot = Uint8Array.of(1, 2, 3, 4, 5, 6);
const issuer: NonceIssuer = { crypto, key: toBytes("key"), node: "n1", boot, realm: "house" };
const START = 1_790_000_000_000;
const issue = (now = START) => issueNonce(issuer, "192.0.2.1", now);

test("RFC 7616 §3.4: a count that is seen twice is a replay", () => {
  //= RFC 7616 §3.4
  //# The purpose of this parameter is to allow the server to detect request replays by maintaining
  //# its own copy of this count -- if the same nc value is seen twice, then the request is a
  //# replay.
  const window = new NonceWindow();
  const nonce = issue();
  expect(window.use(nonce, 1, START)).toBe("Fresh");
  expect(window.use(nonce, 1, START)).toBe("Stale");
  expect(window.use(nonce, 2, START)).toBe("Fresh");
  expect(window.use(nonce, 1, START)).toBe("Stale");
  expect(window.use(issue(), 1, START)).toBe("Fresh");
});

test("a count may come 63 late and not 64", () => {
  const window = new NonceWindow();
  const nonce = issue();
  expect(window.use(nonce, 100, START)).toBe("Fresh");
  expect(window.use(nonce, 100 - 63, START)).toBe("Fresh");
  expect(window.use(nonce, 100 - 64, START)).toBe("Stale");
  expect(window.use(nonce, 100 - 63, START)).toBe("Stale");
});

test("counts outside of what nc can say are stale", () => {
  const window = new NonceWindow();
  const nonce = issue();
  expect(window.use(nonce, 0, START)).toBe("Stale");
  expect(window.use(nonce, 1, START)).toBe("Fresh");
  expect(window.use(nonce, 0, START)).toBe("Stale");
  expect(window.use(nonce, 0xffffffff, START)).toBe("Fresh");
  expect(window.use(nonce, 0xffffffff, START)).toBe("Stale");
  expect(window.use(nonce, 0xfffffffe, START)).toBe("Fresh");
});

test("the table has an end, and a nonce that fell out of it is stale for good", () => {
  const window = new NonceWindow(3);
  const nonces = [0, 1, 2, 3].map((ms) => issue(START + ms));
  for (const nonce of nonces) expect(window.use(nonce, 1, START + 10)).toBe("Fresh");
  expect(window.size).toBe(3);
  expect(window.use(nonces[0]!, 1, START + 10)).toBe("Stale");
  expect(window.use(nonces[0]!, 2, START + 10)).toBe("Stale");
  expect(window.use(nonces[1]!, 2, START + 10)).toBe("Fresh");
});

test("the table of a server is capped at 20,000", () => {
  const window = new NonceWindow();
  for (let i = 0; i < MAX_NONCES + 500; i++) window.use(issue(START + i), 1, START + i);
  expect(window.size).toBe(MAX_NONCES);
  expect(MAX_NONCES).toBe(20_000);
});

test("what is too old leaves the table by itself", () => {
  const window = new NonceWindow();
  for (let i = 0; i < 10; i++) window.use(issue(START + i), 1, START + i);
  const later = START + NONCE_LIFE_MS + 100;
  expect(window.use(issue(later), 1, later)).toBe("Fresh");
  expect(window.size).toBe(1);
});

test("a nonce ends with its life, used before or not", () => {
  const window = new NonceWindow();
  const [used, unused] = [issue(), issue()];
  expect(window.use(used, 1, START + NONCE_LIFE_MS - 1)).toBe("Fresh");
  expect(window.use(used, 2, START + NONCE_LIFE_MS - 1)).toBe("Fresh");
  expect(window.use(used, 3, START + NONCE_LIFE_MS)).toBe("Stale");
  expect(window.use(unused, 1, START + NONCE_LIFE_MS)).toBe("Stale");
});

test("what is not a nonce of ours is stale", () => {
  expect(new NonceWindow().use("made-up", 1, START)).toBe("Stale");
});

const event = fc.record({
  nonce: fc.nat(7),
  nc: fc.integer({ min: 0, max: 200 }),
  ms: fc.nat(90_000),
});

test("no count of a nonce is accepted twice, whatever the order, however small the table", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(event, { maxLength: 200, size: "max" }),
      (size, events) => {
        const window = new NonceWindow(size);
        const nonces = new Map<number, string>();
        const accepted = new Set<string>();
        let now = START;
        for (const { nonce, nc, ms } of events) {
          now += ms % 5 === 0 ? ms : 0;
          const known = nonces.get(nonce) ?? issue(now);
          nonces.set(nonce, known);
          if (window.use(known, nc, now) === "Stale") continue;
          expect(accepted.has(`${known} ${nc}`)).toBe(false);
          accepted.add(`${known} ${nc}`);
          expect(window.size).toBeLessThanOrEqual(size);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("counts that arrive out of order by less than the window are all accepted, once", () => {
  const delays = fc.array(fc.nat(NONCE_WINDOW - 1), { minLength: 1, maxLength: 300, size: "max" });
  fc.assert(
    fc.property(delays, (late) => {
      const window = new NonceWindow();
      const nonce = issue();
      const counts = late.map((delay, i) => ({ nc: i + 1, at: i + delay }));
      counts.sort((a, b) => a.at - b.at);
      for (const { nc } of counts) expect(window.use(nonce, nc, START)).toBe("Fresh");
      for (const { nc } of counts) expect(window.use(nonce, nc, START)).toBe("Stale");
    }),
  );
});

test("the window answers as a plain list of used counts would", () => {
  // Around a moving middle: shifted by little and by much, looked at near and far behind.
  const count = fc.tuple(fc.nat(300), fc.nat(80));
  fc.assert(
    fc.property(fc.array(count, { maxLength: 150, size: "max" }), (counts) => {
      const window = new NonceWindow();
      const nonce = issue();
      const used = new Set<number>();
      for (const [i, [jump, back]] of counts.entries()) {
        const nc = Math.max(0, 3 * i + (jump > 280 ? jump : 0) - back);
        const fresh = nc > 0 && !used.has(nc) && nc > Math.max(0, ...used) - NONCE_WINDOW;
        expect(window.use(nonce, nc, START)).toBe(fresh ? "Fresh" : "Stale");
        if (fresh) used.add(nc);
      }
    }),
    { numRuns: 500 },
  );
});

test("after a jump of any length every count behind is answered as it was used", () => {
  for (let jump = 1; jump <= 2 * NONCE_WINDOW; jump++) {
    const window = new NonceWindow();
    const nonce = issue();
    const highest = 99 + jump;
    for (let nc = 1; nc < 100; nc += 2) window.use(nonce, nc, START);
    window.use(nonce, highest, START);
    for (let nc = 1; nc <= highest; nc++) {
      const used = nc === highest || (nc < 100 && nc % 2 === 1);
      const behind = highest - nc >= NONCE_WINDOW;
      expect(window.use(nonce, nc, START)).toBe(used || behind ? "Stale" : "Fresh");
    }
  }
});
