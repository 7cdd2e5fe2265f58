import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Binding, GONE, Pending } from "carillon/roles";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type DurableHouse, durableHouse } from "./durable-house.ts";
import { openStore, type Store } from "./store.ts";

let data: string;
const running: { store: Store; durable: DurableHouse }[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-durable-"));
});

afterEach(async () => {
  for (const one of running.splice(0)) await stop(one);
  rmSync(data, { recursive: true, force: true });
});

async function stop({ store, durable }: { store: Store; durable: DurableHouse }): Promise<void> {
  await durable.close();
  store.close();
}

function start(clock = systemClock, more: Partial<Parameters<typeof durableHouse>[0]> = {}) {
  const opened = openStore({ data, domain: "house.example", hostname: "tower" }, clock);
  if (!opened.ok) throw new Error(opened.refusal.message);
  const store = opened.value;
  const nothing = () => {};
  const own = { store, data, clock, onChange: nothing, onLostRecord: nothing };
  const durable = durableHouse({ ...own, ...more });
  const one = { store, durable };
  running.push(one);
  return one;
}

async function again(): Promise<ReturnType<typeof start>> {
  const one = running.shift();
  if (one !== undefined) await stop(one);
  return start();
}

const now = () => systemClock.steady();
const binding = (contact: string, more: Partial<Binding> = {}): Binding => ({
  contact,
  q: 500,
  callId: "call-1",
  cseq: 7,
  expiresAt: Math.round(now()) + 60_000,
  flow: {
    transport: "UDP",
    local: { host: "192.0.2.1", port: 5060 },
    remote: { host: "203.0.113.4", port: 5062 },
    connection: 0,
  },
  ...more,
});

const onDisk = (answer: unknown): Promise<void> =>
  new Promise((resolve, reject) => {
    if (answer instanceof Pending) answer.whenSettled(resolve, reject);
    else resolve();
  });

function phoneOf({ store }: { store: Store }, name: string) {
  const wanted = { name: { name, displayName: name }, deskPhone: true, now: now() };
  const added = store.accounts.addPhone({ ...wanted, realm: store.house.realm });
  if (!added.ok) throw new Error(added.refusal.message);
  return added.value.phone;
}

test("a restart brings every binding back, as it was and in its order", async () => {
  const { durable } = start();
  const path = ["<sip:e;lr;ob>", "<sip:f;lr>;a=b"];
  const device = { instance: "<urn:uuid:1>", regId: 2, path, epoch: "AbCdEfGhIjKl" };
  const both = [binding("sip:z", device), binding("sip:a", { q: 1000 })];
  await Promise.all([
    onDisk(durable.location.replace("ann", both)),
    onDisk(durable.location.replace("ben", [binding("sip:b")])),
    onDisk(durable.location.replace("cem", [binding("sip:short", { expiresAt: now() + 30 })])),
  ]);
  await new Promise((later) => setTimeout(later, 40));
  const { durable: next } = await again();
  const found = next.location.bindings("ann", now());
  // The two clocks of a process agree to a few milliseconds, not more.
  const near = ({ expiresAt }: Binding) => expect.closeTo(expiresAt, -1);
  expect(found).toEqual(both.map((one) => ({ ...one, expiresAt: near(one) })));
  expect(next.location.online("ben", now())).toBe(true);
  expect(next.location.online("cem", now())).toBe(false);
});

test("a phone over TCP that can be connected to is back without its connection", async () => {
  const { durable } = start();
  const flow = { ...binding("").flow, transport: "TCP", connection: 7 } as const;
  const phone = binding("sip:a@203.0.113.4:5070;transport=tcp", { flow });
  await onDisk(durable.location.replace("ann", [phone, binding("sip:b")]));
  const { durable: next } = await again();
  const found = next.location.bindings("ann", now()).map(({ flow: { transport, connection } }) => {
    return { transport, connection };
  });
  expect(found).toEqual([
    { transport: "TCP", connection: GONE },
    { transport: "UDP", connection: 0 },
  ]);
});

test("what was removed stays away, and a closing program writes what was asked for", async () => {
  const { durable } = start();
  durable.location.replace("ann", [binding("sip:a")]);
  durable.location.replace("ben", [binding("sip:b")]);
  const { durable: second } = await again();
  expect(second.location.online("ann", now())).toBe(true);
  second.location.replace("ben", []);
  const { durable: third } = await again();
  expect(third.location.online("ben", now())).toBe(false);
  expect(third.location.online("ann", now())).toBe(true);
});

test("a calendar that was set back does not make a binding last longer than any can", async () => {
  const { durable } = start();
  await onDisk(durable.location.replace("ann", [binding("sip:a")]));
  for (const one of running.splice(0)) await stop(one);
  const day = 24 * 3_600_000;
  const { durable: next } = start({ ...systemClock, wall: () => systemClock.wall() - day });
  const [found] = next.location.bindings("ann", now());
  expect((found?.expiresAt ?? 0) - now()).toBeLessThan(7_200_100);
});

test("a phone that the command line revokes leaves a running server in a second", async () => {
  const one = start();
  const { id } = phoneOf(one, "ann");
  const { location } = one.durable;
  await onDisk(location.replace("ann", [binding("sip:a", { credential: id }), binding("sip:b")]));
  const beside = start();
  expect(beside.store.accounts.revokePhone("ann", id).ok).toBe(true);
  await expect.poll(() => location.bindings("ann", now()), { timeout: 1000 }).toHaveLength(1);
});

test("a phone that a page revokes is gone by the time the page hears of it", async () => {
  const one = start();
  const { id } = phoneOf(one, "ann");
  const { location, writes } = one.durable;
  await onDisk(location.replace("ann", [binding("sip:a", { credential: id })]));
  expect(await writes.revokePhone("ann", id)).toMatchObject({ ok: true });
  expect(location.online("ann", now())).toBe(false);
  expect(one.store.accounts.devices("ann")).toEqual([]);
});

test("what a revoked phone registered for others ends, too", async () => {
  const registersFor = (account: string) => (account === "ann" ? ["boss"] : []);
  const one = start(systemClock, { rights: { registersFor } });
  const { id } = phoneOf(one, "ann");
  const { location, writes } = one.durable;
  await onDisk(location.replace("boss", [binding("sip:a", { credential: id }), binding("sip:b")]));
  await writes.revokePhone("ann", id);
  expect(location.bindings("boss", now()).map(({ contact }) => contact)).toEqual(["sip:b"]);
});

test("a session's end is the end of what its page registered", async () => {
  const one = start();
  const { code } = await one.durable.writes.makeInvite({ madeBy: null, uses: 1, validMs: 60_000 });
  const joined = await one.durable.writes.join({ invite: code, name: "Ann" });
  const session = joined.ok ? one.store.sessions.find(joined.value.secret) : undefined;
  const { id } = session ?? { id: "" };
  const { location, writes } = one.durable;
  location.replace("ann", [
    binding("sip:page", {
      credential: id,
      flow: { ...binding("").flow, transport: "WS", connection: 3 },
    }),
  ]);
  expect(location.online("ann", now())).toBe(true);
  await writes.endSession(id);
  expect(location.online("ann", now())).toBe(false);
});

test("a subscription is back after a restart as it was saved last, and no ended one", async () => {
  const { subscriptions, publications } = start().durable;
  const record = JSON.stringify({ route: "sip:x\u00ff\u0000", version: 3 });
  const kept = { id: "s1", expiresAt: Math.round(now()) + 60_000, record };
  await Promise.all([
    onDisk(subscriptions.save({ ...kept, record: "old" })),
    onDisk(subscriptions.save(kept)),
    onDisk(subscriptions.save({ ...kept, id: "s2" })),
    onDisk(subscriptions.save({ ...kept, id: "s3", expiresAt: now() + 30 })),
    onDisk(publications.save({ ...kept, record: "away" })),
    onDisk(subscriptions.remove("s2")),
  ]);
  await new Promise((later) => setTimeout(later, 40));
  const { durable: next } = await again();
  const near = { ...kept, expiresAt: expect.closeTo(kept.expiresAt, -1) };
  expect(next.subscriptions.all()).toEqual([near]);
  expect(next.publications.all()).toEqual([{ ...near, record: "away" }]);
});

test("who is registered at a start is told of, once each", async () => {
  const { durable } = start();
  const both = [binding("sip:a"), binding("sip:b", { callId: "call-2" })];
  await Promise.all([
    onDisk(durable.location.replace("ann", both)),
    onDisk(durable.location.replace("bob", [binding("sip:c")])),
  ]);
  for (const one of running.splice(0)) await stop(one);
  const told: string[] = [];
  const next = start(systemClock, {
    onEarlier: (account, bindings) =>
      void told.push(`${account} ${bindings.map(({ callId }) => callId).join()}`),
  });
  next.durable.location.bindings("bob", now());
  await next.durable.loaded;
  expect(told).toEqual(["ann call-1,call-2", "bob call-1"]);
});

test("what has expired is swept from the disk at a start", async () => {
  const { subscriptions } = start().durable;
  await onDisk(subscriptions.save({ id: "s1", expiresAt: now() - 1, record: "{}" }));
  const { store, durable } = await again();
  const rows = () => store.db.one<{ n: number }>("SELECT count(*) AS n FROM event_state")?.n;
  await durable.loaded;
  await expect.poll(rows).toBe(0);
});
