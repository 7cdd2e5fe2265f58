import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { answer, DomainStage, request, titleOf } from "../testing/domain-stage.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { requestText } from "../testing/request-text.ts";
import { Wire } from "../testing/wire.ts";
import { createEndpoint, type Endpoint } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import type { Role } from "./role.ts";
import { UNCONCERNED } from "./server-transaction.ts";
import { SpentQueue } from "./spent.ts";
import { type Timer, Wheel } from "./wheel.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.9:5062";
const LIFE_MS = 32_000;

/** Calls that are answered at once, each a second after the one before. */
function afterCalls(count: number) {
  const stage = new DomainStage();
  stage.register("bob", BOB);
  const invites = Array.from({ length: count }, (_, nth) => {
    const call = { branch: `z9hG4bK-call-${nth}`, callId: `call-${nth}` };
    const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
    const invite = request("INVITE", { ...call, lines });
    const octets = stage.say(ALICE, invite).find(({ to }) => to === BOB)?.octets ?? "";
    expect(stage.say(BOB, answer(octets, 200, "b")).map(titleOf)).toEqual(["200 INVITE"]);
    stage.wait(1000);
    return { invite, octets };
  });
  return { stage, invites };
}

describe("what is left of transactions that have been answered", () => {
  test("needs no timer of its own", () => {
    const timersAfter = (calls: number) => afterCalls(calls).stage.wire.endpoint.census().timers;
    expect(timersAfter(20)).toBe(timersAfter(1));
  });

  test("RFC 6026 §7.1, §7.2 of each call takes its INVITE and passes its 2xx on for 32 s", () => {
    const { stage, invites } = afterCalls(20);
    expect(stage.wire.endpoint.census()).toMatchObject({ servers: 21, clients: 20 });
    for (const { invite, octets } of invites) {
      expect(stage.say(ALICE, invite), "absorbed").toEqual([]);
      const passed = stage.say(BOB, answer(octets, 200, "b"));
      expect(passed.map((one) => `${titleOf(one)} to ${one.to}`)).toEqual([
        `200 INVITE to ${ALICE}`,
      ]);
      expect(stage.say(BOB, answer(octets, 486, "b")), "nothing else").toEqual([]);
    }
    stage.wait(LIFE_MS - 10_500);
    // The first ten began more than 32 s ago.
    expect(stage.wire.endpoint.census()).toMatchObject({ servers: 10, clients: 10 });
    const passed = invites.map(({ octets }) => stage.say(BOB, answer(octets, 200, "b")).length);
    expect(passed).toEqual([...new Array(10).fill(0), ...new Array(10).fill(1)]);
    stage.wait(LIFE_MS);
    expect(stage.wire.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  });

  test("RFC 3261 §9.2 answers a CANCEL that comes too late, with the INVITE's tag", () => {
    const { stage, invites } = afterCalls(1);
    const cancel = request("CANCEL", { branch: "z9hG4bK-call-0", callId: "call-0" });
    const [answered, ...more] = stage.say(ALICE, cancel);
    expect(answered && titleOf(answered)).toBe("200 CANCEL");
    expect(more).toEqual([]);
    expect(invites).toHaveLength(1);
  });
});

/** Answers everything with 200, whoever wants to know of it. */
class Yes implements Role {
  #endpoint: Endpoint | undefined;
  attach(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
  }
  request(from: Incoming): void {
    this.#endpoint?.accept(from, UNCONCERNED)?.reply({ status: 200 });
  }
  ack(): void {}
}

test("one counts a quarter under the cap, until it is over", () => {
  const crypto = portableCrypto(seededBytes(seeded(1)));
  const wire = new Wire(createEndpoint({ role: new Yes(), crypto, maxTransactions: 1 }));
  const answered = (nth: number) =>
    wire
      .datagram(requestText("OPTIONS", { branch: `z9hG4bK-${nth}` }))
      .map((text) => text.slice("SIP/2.0 ".length, "SIP/2.0 200".length));
  expect([1, 2, 3, 4, 5].flatMap(answered)).toEqual(["200", "200", "200", "200", "503"]);
  wire.wait(LIFE_MS + 10);
  expect(answered(6)).toEqual(["200"]);
});

describe("the queue of them", () => {
  test("lets each go at its time, however many there are", () => {
    const wheel = new Wheel(0);
    const over: number[] = [];
    const user = { schedule: (timer: Timer, at: number) => wheel.schedule(timer, at) };
    const queue = new SpentQueue<{ readonly until: number }>(user, ({ until }) => over.push(until));
    const COUNT = 5000;
    for (let at = 0; at < COUNT * 2; at++) {
      wheel.advance(at);
      if (at < COUNT) queue.add({ until: at + 1000 });
      const due = over.at(-1) ?? 0;
      expect(due, "not early").toBeLessThanOrEqual(at);
      if (at > 1000 && at < COUNT) expect(due, "a slot late at most").toBeGreaterThan(at - 20);
    }
    expect(over).toEqual(Array.from({ length: COUNT }, (_, at) => at + 1000));
    expect(wheel.size).toBe(0);
  });
});
