import Fastify from "fastify";
import { afterEach, expect, test } from "vitest";
import { HouseMetrics } from "./house-metrics.ts";
import { seeingRoutes } from "./seeing-routes.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const numbers = { waiting: 7, isBehind: false };
let why: string | undefined;

function stage() {
  why = undefined;
  const metrics = new HouseMetrics({
    census: () => ({ servers: 3, clients: 2, connections: 5 }),
    people: () => [{ online: true }, { online: false }],
    bridge: () => ({ calls: 1, workers: [{ load: 0.25 }, { load: 0.5 }] }),
    outgoing: () => ({ outside: 6, atLimit: [{}, {}] }),
    relays: () => undefined,
    protection: () => ({ bans: 4 }),
    overload: () => ({
      ...{ isOverloaded: true, delayMs: 30, longestDelayMs: 250 },
      ...{ calls: 9, registrations: 8, others: 7, late: 6, peers: { told: 1, share: 0.25 } },
    }),
    store: () => numbers,
    validUntil: () => 1_800_000_000_000,
  });
  const app = Fastify();
  seeingRoutes(app, {
    ...{ metrics, token: "north-star", whyNotReady: () => why },
    mayLook: (host) => host === "192.0.2.7",
  });
  closers.push(
    () => app.close(),
    () => metrics.close(),
  );
  const ask = (remoteAddress: string, headers: Record<string, string> = {}) =>
    app.inject({ method: "GET", url: "/metrics", remoteAddress, headers });
  return { app, metrics, ask };
}

const entry = {
  ...{ at: 0, from: "sip:a@b", source: "udp 192.0.2.1:5060", callId: "x" },
} as const;

test("the numbers of this moment, and what was counted since the start", async () => {
  const { metrics, ask } = stage();
  metrics.sip({ ...entry, kind: "Forwarded", method: "INVITE", why: "to 1 device(s) of lee" });
  metrics.sip({ ...entry, kind: "Refused", method: "INVITE", status: 404, why: "nobody: lee" });
  metrics.sip({ ...entry, kind: "Refused", method: "XYZZY", status: 405, why: "no such method" });
  for (const what of ["Malformed", "Malformed", "Banned"] as const) metrics.below(what);
  metrics.callAnswered(486);
  metrics.callEnded();
  const { body, headers } = await ask("127.0.0.1");
  expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
  for (const line of [
    "carillon_transactions_server 3",
    "carillon_people_online 1",
    "carillon_media_worker_load_ratio 0.5",
    "carillon_calls_elsewhere 6",
    "carillon_people_at_call_limit 2",
    "carillon_turn_allocations 0",
    "carillon_protection_bans 4",
    "carillon_queue_age_seconds 0.03",
    "carillon_queue_age_longest_seconds 0.25",
    "carillon_overloaded 1",
    "carillon_turned_away_calls 9",
    "carillon_turned_away_late 6",
    "carillon_overload_peers 1",
    "carillon_overload_share_ratio 0.25",
    'carillon_sip_below_total{what="malformed"} 2',
    "carillon_store_waiting 7",
    "carillon_certificate_valid_until_seconds 1800000000",
    'carillon_sip_requests_total{method="INVITE",outcome="forwarded"} 1',
    'carillon_sip_refusals_total{method="INVITE",status="404",reason="nobody"} 1',
    'carillon_sip_refusals_total{method="other",status="405",reason="no such method"} 1',
    'carillon_calls_answered_total{status="486"} 1',
    "carillon_calls_ended_total 1",
  ]) {
    expect(body.split("\n")).toContain(line);
  }
});

test("no more labels than a hundred reasons, whatever peers make up", async () => {
  const { metrics, ask } = stage();
  const words = (i: number) => [...String(i)].map((digit) => "abcdefghij"[Number(digit)]).join("");
  for (let i = 0; i < 500; i++) {
    metrics.sip({ ...entry, kind: "Refused", method: "INVITE", status: 400, why: words(i) });
  }
  const { body } = await ask("::1");
  expect(body.match(/^carillon_sip_refusals_total\{/gm)?.length).toBe(101);
  expect(body).toContain('reason="other"} 400');
});

test("they are for this machine, for listed networks and for who bears the token", async () => {
  const { ask } = stage();
  const statusOf = async (from: string, headers = {}) => (await ask(from, headers)).statusCode;
  expect(await statusOf("192.0.2.7")).toBe(200);
  expect(await statusOf("192.0.2.8")).toBe(404);
  expect(await statusOf("127.0.0.1", { "x-forwarded-for": "192.0.2.8" })).toBe(404);
  expect(await statusOf("192.0.2.8", { authorization: "Bearer north-star" })).toBe(200);
  expect(await statusOf("192.0.2.8", { authorization: "Bearer north-stay" })).toBe(404);
});

test("whoever spreads calls over houses is told when none are to come here, and why", async () => {
  const { app } = stage();
  expect((await app.inject("/ready")).statusCode).toBe(200);
  why = "it is stopping";
  const response = await app.inject("/ready");
  expect([response.statusCode, response.json()]).toEqual([503, { ready: false, why }]);
});
