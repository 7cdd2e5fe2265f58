/** A server that gets more calls than it can serve, in virtual time. */
import { expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { type OverloadControl, overloadControl } from "../endpoint/overload/overload-control.ts";
import { testAccounts } from "../testing/accounts.ts";
import { BusyServer } from "../testing/busy-server.ts";
import { contactOf, ManyCallers, PLACES } from "../testing/many-callers.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import type { Address } from "../uri/host.ts";
import { domain } from "./domain.ts";
import { MemoryLocation } from "./location.ts";

/** A message, of which a call has six: 83 calls a second. */
const COST_MS = 2;
const CAPACITY = 1000 / (6 * COST_MS);
const LOAD_MS = 12_000;
/** At first it has no more to do than it can. */
const BEFORE_MS = 3000;
const HOLD_MS = 1500;

interface Busy {
  readonly lines?: (nth: number) => readonly string[];
  /** Datagrams that its socket holds. */
  readonly socket?: number;
}

function busy(admission?: OverloadControl, { lines, socket = 400 }: Busy = {}) {
  const crypto = portableCrypto(seededBytes(seeded(7)));
  const location = new MemoryLocation();
  const accounts = testAccounts(crypto, "house.example", { callee: "secret", phone: "s" });
  const role = domain({
    ...{ domain: "house.example", realm: "house.example", accounts, location, crypto, aliases: [] },
    ...{ node: "n1", key: new Uint8Array(32).fill(1), tokenKey: new Uint8Array(32).fill(2) },
    trusts: () => true,
  });
  const server = new BusyServer({
    ...{ role, costMs: COST_MS, refusalMs: COST_MS / 100, socket, seed: 3 },
    ...(admission && { admission }),
  });
  const wanted = {
    holdMs: HOLD_MS,
    uri: "sip:callee@house.example",
    ...(lines && { lines }),
  };
  const callers = new ManyCallers(server, wanted);
  register(server);
  return { server, callers };
}

function register(server: BusyServer): void {
  server.send({ host: "192.0.2.7", port: 5060 }, registration("callee", "192.0.2.7", 0));
  server.runUntil(1000);
}

const registration = (who: string, host: string, nth: number): string =>
  [
    "REGISTER sip:house.example SIP/2.0",
    `Via: SIP/2.0/UDP ${host}:5060;branch=z9hG4bKr${host}-${nth}`,
    "Max-Forwards: 70",
    `From: <sip:${who}@house.example>;tag=r`,
    `To: <sip:${who}@house.example>`,
    `Call-ID: ${host}`,
    `CSeq: ${nth + 1} REGISTER`,
    `Contact: <${contactOf(PLACES.callee)}>;expires=3600`,
    "Content-Length: 0\r\n\r\n",
  ].join("\r\n");

/** Phones whose power has just come back. Each comes again when it was told to, or in vain. */
class Returning {
  isIn = 0;
  lastInMs = 0;
  readonly #server: BusyServer;
  readonly #count: number;

  constructor(server: BusyServer, count: number) {
    this.#server = server;
    this.#count = count;
  }

  comeBack(withinMs: number): void {
    const { now } = this.#server;
    for (let nth = 0; nth < this.#count; nth++) {
      this.#server.at(now + (nth * withinMs) / this.#count, () => this.#one(nth));
    }
  }

  #one(nth: number): void {
    const server = this.#server;
    const host = `198.51.${100 + (nth >> 8)}.${nth & 255}`;
    let [tries, isDone] = [0, false];
    let heard = 0;
    const attempt = () => {
      const mine = ++tries;
      const text = registration("phone", host, mine);
      for (let ms = 0, gap = 500; ms < 32_000; ms += gap, gap = Math.min(2 * gap, 4000)) {
        server.at(server.now + ms, () => {
          if (heard < mine && !isDone) server.send({ host, port: 5060 }, text);
        });
      }
      server.at(server.now + 32_000, () => heard < mine && !isDone && attempt());
    };
    server.join({ host, port: 5060 }, (octets) => {
      if (isDone || heard === tries) return;
      heard = tries;
      isDone = octets.startsWith("SIP/2.0 200 ");
      if (!isDone) {
        const seconds = Number(/Retry-After: (\d+)/.exec(octets)?.[1]);
        server.at(server.now + 1000 * seconds, attempt);
        return;
      }
      this.isIn++;
      this.lastInMs = server.now;
    });
    attempt();
  }
}

/** Load of so many times what it can do, then half of that; and what came of it. */
function loaded(times: number, admission?: OverloadControl) {
  const { server, callers } = busy(admission);
  const startMs = server.now + BEFORE_MS;
  callers.call(0.5 * CAPACITY, startMs);
  server.runUntil(startMs);
  const endMs = startMs + LOAD_MS;
  callers.call(times * CAPACITY, endMs);
  server.runUntil(endMs);
  callers.call(0.5 * CAPACITY, endMs + 10_000);
  server.runUntil(endMs + 60_000);
  const { calls } = callers;
  const inLoad = calls.filter(({ endedAt, end }) => end === "over" && endedAt > startMs + 2000);
  const goodput = inLoad.filter(({ endedAt }) => endedAt <= endMs).length;
  const setUps = calls.flatMap(({ setUpMs }) => setUpMs ?? []).sort((a, b) => a - b);
  const later = calls.filter(({ startedAt }) => startedAt >= endMs + 5000);
  return {
    share: goodput / ((Math.min(1, times) * CAPACITY * (LOAD_MS - 2000)) / 1000),
    lost: calls.filter(({ setUpMs, end }) => setUpMs !== undefined && end !== "over").length,
    p99Ms: setUps[Math.floor(setUps.length * 0.99)] ?? 0,
    /** Of the calls that began five seconds after the load. */
    normal: later.filter(({ end, setUpMs = 9999 }) => end === "over" && setUpMs < 50).length,
    later: later.length,
    refused: calls.filter(({ end }) => end === "refused"),
    timeouts: calls.filter(({ end }) => end === "timeout").length,
    lostDatagrams: server.lost,
  };
}

test.each([
  [1, 0.98],
  [1.2, 0.98],
  [2, 0.98],
  [5, 0.97],
  [10, 0.95],
])(
  "offered %d times what it can do, it does at least %d of it, and loses no call",
  (times, least) => {
    const seen = loaded(times, overloadControl());
    expect(seen.share).toBeGreaterThan(least);
    expect(seen.lost).toBe(0);
    expect(seen.p99Ms).toBeLessThan(500);
    expect(seen.normal).toBe(seen.later);
  },
);

test.each([
  [2, 0.95],
  [5, 0.9],
  [10, 0.9],
])("of those whom it knows alone as well: %d times, at least %d", (times, least) => {
  const seen = loaded(times, overloadControl({ knows: () => true }));
  expect(seen.share).toBeGreaterThan(least);
  expect(seen.lost).toBe(0);
  expect(seen.normal).toBe(seen.later);
});

test("a flood of strangers' calls has none of those turned away whom it knows", () => {
  const strangers: Address = { host: "203.0.113.5", port: 5060 };
  const control = overloadControl({ knows: ({ remote }) => remote.host !== strangers.host });
  // As many as four megabytes hold.
  const { server, callers } = busy(control, { socket: 4000 });
  const endMs = server.now + LOAD_MS;
  callers.call(0.6 * CAPACITY, endMs);
  const flood = new ManyCallers(server, {
    ...{ holdMs: HOLD_MS, uri: "sip:callee@house.example" },
    places: { callers: strangers, callee: { host: "203.0.113.6", port: 5060 } },
  });
  flood.call(30 * CAPACITY, endMs);
  server.runUntil(endMs + 60_000);
  const { calls } = callers;
  expect(calls.length).toBeGreaterThan(500);
  expect(calls.filter(({ end }) => end !== "over")).toEqual([]);
  expect(flood.calls.filter(({ end }) => end === "refused").length).toBeGreaterThan(20_000);
});

test("without control the same load is the end of nearly all calls", () => {
  const { share } = loaded(2);
  expect(share).toBeLessThan(0.5);
});

test("one in a hundred is an emergency, and none of these is turned away at five times", () => {
  const isUrgent = (nth: number) => nth % 100 === 0;
  const lines = (nth: number) => (isUrgent(nth) ? ["Resource-Priority: esnet.0"] : []);
  const { server, callers } = busy(overloadControl(), { lines });
  const endMs = server.now + LOAD_MS;
  callers.call(5 * CAPACITY, endMs);
  server.runUntil(endMs + 60_000);
  const urgent = callers.calls.filter((_, nth) => isUrgent(nth));
  expect(urgent.length).toBeGreaterThan(40);
  expect(urgent.filter(({ end }) => end !== "over")).toEqual([]);
  expect(callers.calls.filter(({ end }) => end === "refused").length).toBeGreaterThan(3000);
});

test("all phones come back at once while people call: all are in soon, and no call suffers", () => {
  const { server, callers } = busy(overloadControl({ registrationsPerSecond: 50 }));
  const startMs = server.now;
  callers.call(0.3 * CAPACITY, startMs + 30_000);
  const crowd = new Returning(server, 3000);
  crowd.comeBack(3000);
  server.runUntil(startMs + 60_000);
  expect(crowd.isIn).toBe(3000);
  // 500 a second is what could be done of it at most if nothing else were.
  expect(crowd.lastInMs - startMs).toBeLessThan(30_000);
  const { calls } = callers;
  expect(calls.filter(({ end }) => end === "over").length).toBeGreaterThan(0.9 * calls.length);
  expect(calls.filter(({ setUpMs, end }) => setUpMs !== undefined && end !== "over")).toEqual([]);
});
