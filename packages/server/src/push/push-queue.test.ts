import { expect, test } from "vitest";
import type { Push, PushDriver, Sent } from "./push-driver.ts";
import { BY_PHONE, BY_SENDER, PushQueue } from "./push-queue.ts";

const push = (by: string, prid = "p"): Push => ({
  asked: {
    ...{ account: "bob", credential: "d", by, push: { provider: "fcm", param: undefined, prid } },
    why: { kind: "Refresh", leftMs: 1000 },
  },
  note: { kind: "message" },
});

function service(...answers: readonly Sent[]) {
  const sent: Push[] = [];
  const driver: PushDriver = {
    provider: "fcm",
    accepts: () => true,
    send: async (one) => {
      sent.push(one);
      return answers[sent.length - 1] ?? { kind: "Sent" };
    },
    close() {},
  };
  return { driver, sent };
}

test("nobody can have one phone woken without end, nor can one account wake many", async () => {
  const queue = new PushQueue({ now: () => 0 });
  const { driver, sent } = service();
  const all = await Promise.all(
    Array.from({ length: 50 }, (_, n) => queue.send(driver, push("mallory", `phone ${n}`))),
  );
  expect(all.filter(({ kind }) => kind === "Sent")).toHaveLength(BY_SENDER.burst);
  const one = await Promise.all(
    Array.from({ length: 50 }, (_, n) => queue.send(driver, push(`caller ${n}`))),
  );
  expect(one.filter(({ kind }) => kind === "Sent")).toHaveLength(BY_PHONE.burst);
  expect(sent).toHaveLength(BY_SENDER.burst + BY_PHONE.burst);
  expect(queue.census()).toEqual({ waiting: 0, open: 0 });
});

test("what a service does not take now is tried again, three times in all", async () => {
  const queue = new PushQueue({ now: () => 0, random: () => 0 });
  const later: Sent = { kind: "Later", why: "busy", afterMs: 1 };
  const first = service(later);
  expect(await queue.send(first.driver, push("a"))).toEqual({ kind: "Sent" });
  expect(first.sent).toHaveLength(2);
  const never = service(later, later, later, later);
  expect(await queue.send(never.driver, push("a"))).toEqual(later);
  expect(never.sent).toHaveLength(3);
});

test("what it takes only after the call is over is not tried again", async () => {
  const queue = new PushQueue({ now: () => 0, random: () => 0 });
  const { driver, sent } = service({ kind: "Later", why: "busy", afterMs: 3_600_000 });
  expect(await queue.send(driver, push("a"))).toMatchObject({ kind: "Later" });
  expect(sent).toHaveLength(1);
});

test("sixteen are sent at a time, and one more when one of them is done", async () => {
  const queue = new PushQueue({ now: () => 0 });
  const open: (() => void)[] = [];
  const { driver } = service();
  const slow: PushDriver = {
    ...driver,
    send: () => new Promise((resolve) => open.push(() => resolve({ kind: "Sent" }))),
  };
  const all = Array.from({ length: 18 }, (_, n) => queue.send(slow, push(`c ${n}`, `p ${n}`)));
  await Promise.resolve();
  expect([open.length, queue.census()]).toEqual([16, { waiting: 2, open: 16 }]);
  for (let done = 0; done < 18; done++) {
    open[done]?.();
    await all[done];
  }
  expect(queue.census()).toEqual({ waiting: 0, open: 0 });
});
