// Calls to elsewhere over a restart, on the simulated network: what is counted all the same.
import { describe, expect, test } from "vitest";
import type { Input } from "../endpoint/input-output.ts";
import { MemoryOutgoing } from "../roles/outgoing/kept-calls.ts";
import { OUTGOING_LIMITS, type OutgoingLimits } from "../roles/outgoing/ledger.ts";
import { type House, house } from "../testing/house.ts";
import type { Machine, MachineOutput } from "../testing/network.ts";
import { CountingGateway } from "../testing/toll/gateway.ts";
import type { Call } from "../ua/call.ts";

const HOUR = 3_600_000;
const GATEWAY = { host: "192.0.2.1", port: 5060 };
const FAR = `sip:1@${GATEWAY.host}`;
const DESCRIPTION = [
  ...["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"],
  ...["m=audio 30000 RTP/AVP 0", ""],
].join("\r\n");

/** Answers whoever calls, and counts its own legs. */
class FarSide implements Machine {
  readonly gateway = new CountingGateway({
    at: GATEWAY.host,
    description: DESCRIPTION,
    manner: (user) => (user.startsWith("7") ? "rings" : "answers"),
  });
  readonly heard: string[] = [];
  deadline = (): number => Number.POSITIVE_INFINITY;

  handle(input: Input): readonly MachineOutput[] {
    if (input.kind !== "Datagram") return [];
    const { local, remote, octets } = input;
    this.heard.push(octets);
    return this.gateway
      .hears(octets)
      .map((said) => ({ kind: "Datagram", local, remote, octets: said }));
  }

  byes(): readonly string[] {
    return this.heard.filter((octets) => octets.startsWith("BYE "));
  }
}

interface Stage extends House {
  readonly far: FarSide;
  readonly store: MemoryOutgoing;
  hangUpThere(): void;
}

function stage(limits: Partial<OutgoingLimits> = {}, isKept = true): Stage {
  const store = new MemoryOutgoing();
  const outgoing = {
    limits: () => ({ ...OUTGOING_LIMITS, atOnce: 2, ...limits }),
    objection: () => undefined,
  };
  const policy = { relay: () => true, outgoing };
  const at = house({ policy, ...(isKept && { outgoing: store }) });
  const far = new FarSide();
  const host = at.network.host("gw", GATEWAY, far);
  const hangUpThere = () => {
    const bye = far.gateway.hangUp(0);
    if (bye === undefined) throw new Error("nobody talks there");
    at.network.datagram(host, { host: "198.51.100.1", port: 5060 }, bye);
  };
  // A stage keeps what is a getter there.
  return Object.assign(Object.create(at) as House, { far, store, hangUpThere });
}

const outside = (at: House): number => at.outgoing().outside;

async function refusal(at: House, call: Call): Promise<unknown> {
  void call.answered.catch(() => {});
  return await at.network.until(call.ended);
}

describe("after a restart", () => {
  test("a call over UDP counts, and one that either side ends counts no more", async () => {
    const at = stage();
    const alice = await at.signedIn("alice");
    const calls = [alice.call(FAR), alice.call(FAR)];
    for (const call of calls) await at.network.until(call.answered);
    await at.network.run(500);
    at.restart();
    await at.network.run(60_000);
    expect([outside(at), at.far.gateway.talking]).toEqual([2, 2]);
    expect(await refusal(at, alice.call(FAR))).toMatchObject({
      status: 403,
      message: "too many calls to elsewhere at a time: alice may have 2",
    });
    calls[0]?.hangUp();
    await at.network.run(1000);
    expect([outside(at), at.far.gateway.legs, at.store.legs().length]).toEqual([1, 1, 1]);
    at.hangUpThere();
    await at.network.run(1000);
    expect(calls.map(({ state }) => state.name)).toEqual(["Ended", "Ended"]);
    expect([outside(at), at.far.gateway.legs, at.store.legs().length]).toEqual([0, 0, 0]);
  });

  test("the calls of a day are those that were made, ten restarts or none", async () => {
    const at = stage({ callsEachDay: 5 });
    const alice = await at.signedIn("alice");
    const ends: unknown[] = [];
    for (let nth = 0; nth < 10; nth++) {
      const call = alice.call(FAR);
      const isUp = await at.network.until(
        call.answered.then(
          () => true,
          () => false,
        ),
      );
      if (isUp) call.hangUp();
      ends.push(isUp);
      await at.network.run(1000);
      at.restart();
      await at.network.run(1000);
    }
    expect(ends).toEqual([...Array(5).fill(true), ...Array(5).fill(false)]);
    expect(at.far.gateway.answered).toBe(5);
    await at.network.run(24 * HOUR);
    await at.network.until(alice.call(FAR).answered);
  });

  test("without a store each restart begins the day anew: the gateway sees it", async () => {
    const at = stage({ callsEachDay: 1 }, false);
    const alice = await at.signedIn("alice");
    for (let nth = 0; nth < 4; nth++) {
      await at.network.until(alice.call(FAR).answered);
      await at.network.run(1000);
      at.restart();
      await at.network.run(1000);
    }
    expect(at.far.gateway.legs).toBe(4);
  });

  test("what was talked while nobody was here is talked, and ends in time", async () => {
    const at = stage({ talkEachDayMs: 600_000 });
    const alice = await at.signedIn("alice");
    const calls = [alice.call(FAR), alice.call(FAR)];
    for (const call of calls) await at.network.until(call.answered);
    await at.network.run(100_000);
    at.server.close();
    await at.network.run(100_000);
    at.restart();
    await at.network.run(85_000);
    expect(calls.map(({ state }) => state.name)).toEqual(["Established", "Established"]);
    await at.network.run(20_000);
    // Of both sides, though this server has never seen their INVITEs.
    expect(calls.map(({ state }) => state.name)).toEqual(["Ended", "Ended"]);
    expect([at.far.gateway.legs, at.far.byes().length, outside(at)]).toEqual([0, 2, 0]);
    expect(await refusal(at, alice.call(FAR))).toMatchObject({
      message: "too much talk to elsewhere today: alice may talk for 10 minutes",
    });
  });

  test("RFC 3261 §12.2.1.1: the server's own BYE has a number above the caller's", async () => {
    //= RFC 3261 §12.2.1.1
    //# Requests within a dialog MUST contain strictly monotonically increasing and contiguous CSeq
    //# sequence numbers (increasing-by-one) in each direction (excepting ACK and CANCEL of course,
    //# whose numbers equal the requests being acknowledged or cancelled).
    const at = stage({ longestMs: HOUR });
    const alice = await at.signedIn("alice");
    const call = alice.call(FAR);
    await at.network.until(call.answered);
    await at.network.run(500);
    await at.network.until(call.hold());
    await at.network.run(500);
    at.restart();
    await at.network.run(HOUR + 10_000);
    expect([at.far.gateway.legs, call.state.name]).toEqual([0, "Ended"]);
    const numbers = at.far.heard.map((octets) => Number(/CSeq: (\d+)/i.exec(octets)?.[1]));
    const first = numbers[0] ?? 0;
    // INVITE and ACK, twice, and the BYE.
    expect(numbers).toEqual([first, first, first + 1, first + 1, first + 2]);
  });

  test("RFC 6026 §8.9: one that rang counts as long as it may ring", async () => {
    const at = stage();
    const alice = await at.signedIn("alice");
    const calls = [alice.call(`sip:7@${GATEWAY.host}`), alice.call(`sip:71@${GATEWAY.host}`)];
    for (const call of calls) void call.answered.catch(() => {});
    await at.network.run(1000);
    expect(outside(at)).toBe(2);
    at.restart();
    await at.network.run(1000);
    expect(await refusal(at, alice.call(FAR))).toMatchObject({ status: 403 });
    await at.network.run(500_000);
    expect(outside(at), "some gateways ring for long").toBe(2);
    await at.network.run(100_000);
    expect([outside(at), at.store.legs()]).toEqual([0, []]);
    expect(at.outgoing().people, "a book with two calls").toBe(1);
  });

  test("a leg that was overdue while nobody was here is ended at once", async () => {
    const at = stage({ longestMs: HOUR });
    const alice = await at.signedIn("alice");
    const call = alice.call(FAR);
    await at.network.until(call.answered);
    await at.network.run(500);
    at.server.close();
    await at.network.run(2 * HOUR);
    expect(at.far.gateway.legs).toBe(1);
    at.restart();
    await at.network.run(2000);
    expect([at.far.gateway.legs, outside(at)]).toEqual([0, 0]);
  });

  test("where nothing is counted any more, nothing is taken up", async () => {
    const store = new MemoryOutgoing();
    store.saveBook({ account: "alice", since: 0, calls: 3, talkMs: 0, countedAt: 0 });
    const at = house({ outgoing: store, policy: { relay: () => true } });
    await at.network.run(10);
    expect(at.outgoing()).toEqual({ outside: 0, people: 0, atLimit: [] });
  });
});
