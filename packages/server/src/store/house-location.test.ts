import { type Answer, type Binding, Pending, StoreBusy } from "carillon/roles";
import { expect, test } from "vitest";
import type { Change } from "./change.ts";
import type { Disk, Written } from "./disk.ts";
import { HouseLocation } from "./house-location.ts";
import { WriteQueue } from "./write-queue.ts";

const NOW = 1_000_000_000;

function stage() {
  const batches: (readonly Change[])[] = [];
  let done: ((written: Written) => void) | undefined;
  const disk: Disk = {
    write: (batch, whenDone) => {
      batches.push(batch);
      done = whenDone;
    },
    close: async () => {},
  };
  const clock = { now: NOW, wall: () => clock.now + 5000, steady: () => clock.now };
  const queue = new WriteQueue({ disk, now: clock.steady, defer: (run) => run() });
  const changed: string[] = [];
  const onChange = (account: string) => void changed.push(account);
  const location = new HouseLocation({ queue, clock, onChange });
  const sync = (written: Written = { ok: true, values: [] }): void => {
    const whenDone = done;
    done = undefined;
    whenDone?.(written);
  };
  const contacts = (account: string) =>
    location.bindings(account, clock.now).map(({ contact }) => contact);
  /** `account contact contact`, for each change of the last batch. */
  const last = () =>
    (batches.at(-1) ?? []).map((change) =>
      change.kind === "Bindings"
        ? [change.account, ...change.rows.map(([contact]) => contact)].join(" ")
        : change.kind,
    );
  return { location, batches, clock, changed, sync, contacts, last };
}

const binding = (contact: string, more: Partial<Binding> = {}, connection = 0): Binding => ({
  contact,
  q: 1000,
  callId: "c",
  cseq: 1,
  expiresAt: NOW + 60_000,
  flow: {
    transport: connection === 0 ? "UDP" : "WS",
    local: { host: "192.0.2.1", port: 5060 },
    remote: { host: "203.0.113.4", port: 5062 },
    connection,
  },
  ...more,
});
const page = (contact: string, connection: number) => binding(contact, {}, connection);

function outcomeOf(answer: Answer<void>): string[] {
  if (!(answer instanceof Pending)) return ["at once"];
  const heard: string[] = [];
  answer.whenSettled(
    () => heard.push("on disk"),
    (cause) => heard.push(`failed: ${cause}`),
  );
  return heard;
}

test("a binding is found, and one that goes is gone, when that is on the disk", () => {
  const { location, sync, contacts, last } = stage();
  const added = outcomeOf(location.replace("alice", [binding("sip:a")]));
  expect([added, contacts("alice")]).toEqual([[], []]);
  sync();
  expect([added, contacts("alice")]).toEqual([["on disk"], ["sip:a"]]);
  const removed = outcomeOf(location.replace("alice", []));
  expect(last()).toEqual(["alice"]);
  expect(contacts("alice")).toEqual(["sip:a"]);
  sync();
  expect([removed, contacts("alice")]).toEqual([["on disk"], []]);
});

test("what is written has the calendar's time: the steady clock ends with the process", () => {
  const { location, batches } = stage();
  location.replace("alice", [binding("sip:a", { credential: "desk" })]);
  const [change] = batches[0] ?? [];
  expect(change?.kind === "Bindings" && change.rows).toEqual([
    [
      ...["sip:a", 1000, "c", 1, NOW + 65_000, "192.0.2.1", 5060, "203.0.113.4", 5062],
      ...["desk", "UDP", "", 0, "", ""],
    ],
  ]);
});

test("a failed write changes nothing, and what it may have left is written over", () => {
  const { location, sync, contacts, last } = stage();
  location.replace("alice", [binding("sip:a")]);
  sync();
  const failed = outcomeOf(location.replace("alice", [binding("sip:b")]));
  sync({ ok: false, cause: "EIO" });
  expect([failed, contacts("alice")]).toEqual([["failed: EIO"], ["sip:a"]]);
  expect(last()).toEqual(["alice sip:a"]);
});

test("after a failed write, removing what may be on the disk waits until it is not", () => {
  const { location, sync, contacts } = stage();
  location.replace("alice", [binding("sip:b")]);
  sync({ ok: false, cause: "EIO" });
  const removed = outcomeOf(location.replace("alice", []));
  expect(removed).toEqual([]);
  sync();
  sync();
  expect([removed, contacts("alice")]).toEqual([["on disk"], []]);
  expect(outcomeOf(location.replace("alice", []))).toEqual(["at once"]);
});

test("a page's binding is not written, and waits for nothing", () => {
  const { location, batches, contacts } = stage();
  expect(outcomeOf(location.replace("alice", [page("sip:p", 7)]))).toEqual(["at once"]);
  expect([batches, contacts("alice")]).toEqual([[], ["sip:p"]]);
  location.drop(7);
  expect(contacts("alice")).toEqual([]);
});

test("a phone over TCP that can be connected to is written, until its connection closes", () => {
  const { location, sync, contacts, batches, last } = stage();
  const over = (contact: string, connection: number): Binding => ({
    ...binding(contact),
    flow: { ...binding(contact).flow, transport: "TCP", connection },
  });
  const near = over("sip:a@203.0.113.4:5070;transport=tcp", 7);
  location.replace("alice", [near]);
  const [change] = batches[0] ?? [];
  expect(change?.kind === "Bindings" && change.rows[0]?.[10]).toBe("TCP");
  sync();
  expect(contacts("alice")).toEqual([near.contact]);
  location.drop(7);
  expect([contacts("alice"), last()]).toEqual([[], ["alice"]]);
  sync();
  // Behind a NAT, or over TLS: nobody could connect to it.
  for (const contact of ["sip:a@192.168.1.9:5070;transport=tcp", "sip:a@203.0.113.4:5070"]) {
    expect(outcomeOf(location.replace("bob", [over(contact, 8)])), contact).toEqual(["at once"]);
  }
});

test("a connection that closes while its binding is written leaves nothing on the disk", () => {
  const { location, sync, contacts, last } = stage();
  const flow = { ...binding("").flow, transport: "TCP", connection: 7 } as const;
  location.replace("alice", [binding("sip:a@203.0.113.4:5070;transport=tcp", { flow })]);
  location.drop(7);
  sync();
  expect([contacts("alice"), last()]).toEqual([[], ["alice"]]);
});

test("a page that closes while its person's phone is written does not come back with it", () => {
  const { location, sync, contacts, last } = stage();
  location.replace("alice", [page("sip:p", 7), page("sip:q", 8)]);
  const both = [page("sip:p", 7), page("sip:q", 8), binding("sip:a")];
  location.replace("alice", both);
  location.drop(7);
  sync();
  expect(contacts("alice")).toEqual(["sip:q", "sip:a"]);
  expect(last()).toEqual(["alice sip:a"]);
});

test("changes of one account land in the order in which they were asked for", () => {
  const { location, sync, contacts } = stage();
  location.replace("alice", [binding("sip:a")]);
  location.replace("alice", [page("sip:p", 7)]);
  expect(contacts("alice")).toEqual([]);
  sync();
  sync();
  expect(contacts("alice")).toEqual(["sip:p"]);
});

test("what a revoked device registered ends at once, in memory, on its way and for good", () => {
  const { location, sync, contacts, last } = stage();
  const [old, kept] = [binding("sip:old", { credential: "lost" }), binding("sip:kept")];
  location.replace("alice", [old, kept]);
  sync();
  const coming = [old, kept, binding("sip:new", { credential: "lost" })];
  location.replace("alice", coming);
  const revoked = outcomeOf(location.revoke("alice", "lost"));
  expect(contacts("alice")).toEqual(["sip:kept"]);
  sync();
  expect(contacts("alice")).toEqual(["sip:kept"]);
  expect(last()).toEqual(["alice sip:kept"]);
  sync();
  expect(revoked).toEqual(["at once"]);
  const late = outcomeOf(location.replace("alice", coming));
  expect(late).toEqual(["failed: Error: the device was revoked meanwhile"]);
  expect(outcomeOf(location.revoke("alice", "lost"))).toEqual(["at once"]);
});

test("a REGISTER that fails does not come to be by what was revoked meanwhile", () => {
  const { location, sync, contacts, last } = stage();
  const old = binding("sip:old", { credential: "lost" });
  location.replace("alice", [old]);
  sync();
  const failed = outcomeOf(location.replace("alice", [old, binding("sip:new")]));
  location.revoke("alice", "lost");
  sync({ ok: false, cause: "EIO" });
  sync();
  expect([failed, contacts("alice"), last()]).toEqual([["failed: EIO"], [], ["alice"]]);
  location.replace("alice", [binding("sip:a", { credential: "gone" })]);
  sync();
  const revoked = outcomeOf(location.revoke("alice", "gone"));
  expect(contacts("alice")).toEqual([]);
  sync();
  expect(revoked).toEqual(["on disk"]);
});

test("a disk that is too far behind turns a change away, and nothing of it is left", () => {
  const { location, clock, sync, contacts } = stage();
  location.replace("alice", [binding("sip:a")]);
  clock.now += 1001;
  let cause: unknown;
  const answer = location.replace("bob", [binding("sip:b")]);
  if (answer instanceof Pending) {
    answer.whenSettled(
      () => {},
      (why) => {
        cause = why;
      },
    );
  }
  expect(cause).toBeInstanceOf(StoreBusy);
  sync();
  expect([contacts("alice"), contacts("bob")]).toEqual([["sip:a"], []]);
});

test("what has expired is not found, then forgotten here and on the disk", () => {
  const { location, clock, changed, sync, contacts, last, batches } = stage();
  location.replace("alice", [binding("sip:a"), binding("sip:b", { expiresAt: NOW + 200_000 })]);
  location.replace("bob", [page("sip:p", 7)]);
  sync();
  changed.length = 0;
  clock.now += 60_000;
  expect([contacts("alice"), contacts("bob")]).toEqual([["sip:b"], []]);
  location.expire(clock.now);
  clock.now += 20_000;
  expect(location.expire(clock.now)).toBeGreaterThan(clock.now);
  expect(changed.sort()).toEqual(["alice", "bob"]);
  expect(last()).toEqual(["alice sip:b"]);
  expect(location.size).toBe(1);
  sync();
  const before = batches.length;
  clock.now += 200_000;
  location.expire(clock.now);
  expect(last()).toEqual(["alice"]);
  expect(batches.length).toBe(before + 1);
  clock.now += 200_000;
  location.expire(clock.now);
  expect(location.size).toBe(0);
});

test("a refresh moves the end, and coming and going costs no memory", () => {
  const { location, clock, contacts, sync } = stage();
  for (let i = 0; i < 1000; i++) {
    location.replace("alice", [binding("sip:a", { expiresAt: clock.now + 600_000, cseq: i })]);
    sync();
    location.replace("alice", []);
    sync();
    clock.now += 100;
  }
  location.replace("alice", [binding("sip:a", { expiresAt: clock.now + 600_000 })]);
  sync();
  expect(location.size).toBe(1);
  clock.now += 590_000;
  location.expire(clock.now);
  expect(contacts("alice")).toEqual(["sip:a"]);
});

test("an account can be called after what every object has", () => {
  const { location, sync, contacts } = stage();
  for (const account of ["__proto__", "constructor", "toString"]) {
    expect(contacts(account)).toEqual([]);
    location.replace(account, [binding(`sip:${account}`)]);
    sync();
    expect(contacts(account)).toEqual([`sip:${account}`]);
  }
});
