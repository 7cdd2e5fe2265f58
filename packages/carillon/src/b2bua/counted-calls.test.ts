// Calls to elsewhere, on the simulated network: what counts, for how long, and what is refused.
import { describe, expect, test } from "vitest";
import type { Input } from "../endpoint/input-output.ts";
import { OUTGOING_LIMITS, type OutgoingLimits } from "../roles/outgoing/ledger.ts";
import { numberKinds, userDialled } from "../roles/outgoing/number-plan.ts";
import type { Policy } from "../roles/policy.ts";
import type { LogEntry } from "../roles/words.ts";
import { type House, type HouseOptions, house } from "../testing/house.ts";
import { type Machine, type MachineOutput, ScriptedPeer } from "../testing/network.ts";
import { plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import { CountingGateway } from "../testing/toll/gateway.ts";
import type { Call } from "../ua/call.ts";
import { transfer } from "../ua/transferring.ts";
import { bridging } from "./bridging.ts";

const HOUR = 3_600_000;
const GATEWAY = { host: "192.0.2.1", port: 5060 };
const kindOf = numberKinds();

/** Whoever may call abroad is `boss`; everybody has these limits. */
const counted = (limits: Partial<OutgoingLimits> = {}): Policy => ({
  relay: () => true,
  outgoing: {
    limits: () => ({ ...OUTGOING_LIMITS, atOnce: 2, ...limits }),
    objection: (account, uri) =>
      account !== "boss" && kindOf(userDialled(uri)) === "International" ? "no right" : undefined,
  },
});

interface Stage extends House {
  readonly log: LogEntry[];
}

function stage(policy: Policy = counted(), options: HouseOptions = {}): Stage {
  const log: LogEntry[] = [];
  return { ...house({ policy, log: (entry) => log.push(entry), ...options }), log };
}

const outside = (at: House): number => at.outgoing().outside;

/** A gateway on the network, which answers whoever calls and counts its own legs. */
class FarSide implements Machine {
  readonly gateway = new CountingGateway({ at: GATEWAY.host, description: DESCRIPTION });
  /** All that came. */
  readonly heard: string[] = [];
  deadline = (): number => Number.POSITIVE_INFINITY;

  handle(input: Input): readonly MachineOutput[] {
    if (input.kind !== "Datagram") return [];
    const { local, remote, octets } = input;
    this.heard.push(octets.slice(0, octets.indexOf("\r\n")));
    return this.gateway
      .hears(octets)
      .map((said) => ({ kind: "Datagram", local, remote, octets: said }));
  }

  count(method: string): number {
    return this.heard.filter((line) => line.startsWith(`${method} `)).length;
  }
}

const FAR = `sip:1@${GATEWAY.host}`;

function farSide(at: House) {
  const far = new FarSide();
  const host = at.network.host("gw", GATEWAY, far);
  const hangUp = (nth: number): void => {
    const bye = far.gateway.hangUp(nth);
    if (bye === undefined) throw new Error("nobody talks there");
    at.network.datagram(host, { host: "198.51.100.1", port: 5060 }, bye);
  };
  return { far, host, hangUp };
}

async function refusedWith(at: Stage, call: Call): Promise<{ status?: number; message: string }> {
  void call.answered.catch(() => {});
  return (await at.network.until(call.ended)) as { status?: number; message: string };
}

const DESCRIPTION = [
  ...["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"],
  ...["m=audio 30000 RTP/AVP 0", ""],
].join("\r\n");
const SDP = `
    Content-Type: application/sdp
    | v=0
    | o=- 1 1 IN IP4 192.0.2.1
    | s=-
    | c=IN IP4 192.0.2.1
    | t=0 0
    | m=audio 30000 RTP/AVP 0`;

describe("how many", () => {
  test("a call more than may be is refused in words, and one that is over makes room", async () => {
    const at = stage();
    const [alice, { far, hangUp }] = [await at.signedIn("alice"), farSide(at)];
    const calls = [alice.call(FAR), alice.call(FAR)];
    for (const call of calls) await at.network.until(call.answered);
    expect([outside(at), far.gateway.legs]).toEqual([2, 2]);
    expect(at.outgoing().atLimit).toMatchObject([{ account: "alice", outside: 2, callsToday: 2 }]);
    expect(await refusedWith(at, alice.call(FAR))).toMatchObject({
      status: 403,
      message: "too many calls to elsewhere at a time: alice may have 2",
    });
    expect(at.log.at(-1)).toMatchObject({ kind: "Refused", status: 403 });
    calls[0]?.hangUp();
    await at.network.run(1000);
    expect(outside(at)).toBe(1);
    await at.network.until(alice.call(FAR).answered);
    await at.network.run(500);
    // The other side ends one by itself.
    hangUp(0);
    await at.network.run(1000);
    expect([outside(at), far.gateway.legs]).toEqual([1, 1]);
  });

  test("somebody at a limit is called, and calls people here, all the same", async () => {
    const at = stage(counted({ atOnce: 0 }));
    const [alice, bob] = [await at.signedIn("alice"), await at.signedIn("bob")];
    const { from } = await at.talk(alice, bob);
    expect([outside(at), at.outgoing().people]).toEqual([0, 1]);
    from.hangUp();
    await at.network.run(1000);
    expect(at.outgoing().people).toBe(0);
  });

  test("calls inside have a limit of their own", async () => {
    const at = stage(counted({ insideAtOnce: 1 }));
    const [alice, bob] = [await at.signedIn("alice"), await at.signedIn("bob")];
    const { from } = await at.talk(alice, bob);
    expect(await refusedWith(at, alice.call(bob.aor))).toMatchObject({
      status: 403,
      message: "too many calls at a time: alice may have 1",
    });
    from.hangUp();
    await at.network.run(1000);
    await at.talk(alice, bob);
  });

  test("a call that comes to nothing counts no more", async () => {
    const at = stage();
    at.network.host("gw", GATEWAY, new ScriptedPeer("expect INVITE\nsend 486 Busy\nexpect ACK"));
    const alice = await at.signedIn("alice");
    const call = alice.call(`sip:1@${GATEWAY.host}`);
    expect(await refusedWith(at, call)).toMatchObject({ status: 486 });
    expect([outside(at), at.outgoing().atLimit]).toEqual([0, []]);
  });

  test("two answers of one INVITE are two legs until one of them is hung up on", async () => {
    const at = stage();
    const gateway = new ScriptedPeer("expect INVITE");
    const host = at.network.host("gw", GATEWAY, gateway);
    const alice = await at.signedIn("alice");
    const call = alice.call(`sip:1@${GATEWAY.host}`);
    void call.answered.catch(() => {});
    await at.network.run(200);
    const invite = gateway.messages[0]?.text ?? "";
    const say = (tag: string): void => {
      const line = (name: string): string[] =>
        [...invite.matchAll(new RegExp(`^${name}: .*$`, "gim"))].map(([one]) => one.trim());
      const body = DESCRIPTION;
      const text = [
        ...["SIP/2.0 200 OK", ...line("Via"), ...line("Record-Route"), ...line("From")],
        ...[`${line("To")[0]};tag=${tag}`, ...line("Call-ID"), ...line("CSeq")],
        ...["Contact: <sip:gw@192.0.2.1>", "Content-Type: application/sdp"],
        ...[`Content-Length: ${body.length}`, "", body],
      ].join("\r\n");
      at.network.datagram(host, { host: "198.51.100.1", port: 5060 }, text);
    };
    say("one");
    await at.network.run(100);
    expect(outside(at)).toBe(1);
    say("two");
    await at.network.run(30);
    expect(outside(at)).toBe(2);
  });
});

describe("for how long", () => {
  test("one that lasts for too long is hung up on, at both ends", async () => {
    const at = stage(counted({ longestMs: HOUR }));
    const [alice, { far }] = [await at.signedIn("alice"), farSide(at)];
    const call = alice.call(FAR);
    await at.network.until(call.answered);
    await at.network.run(HOUR - 10_000);
    expect([call.state.name, outside(at)]).toEqual(["Established", 1]);
    await at.network.run(20_000);
    expect([call.state.name, far.gateway.legs, far.count("BYE")]).toEqual(["Ended", 0, 1]);
    expect(outside(at)).toBe(0);
  });

  test("whoever has talked enough today is hung up on, and may call again tomorrow", async () => {
    const at = stage(counted({ talkEachDayMs: 600_000 }));
    const [alice, { far }] = [await at.signedIn("alice"), farSide(at)];
    const calls = [alice.call(FAR), alice.call(FAR)];
    for (const call of calls) await at.network.until(call.answered);
    await at.network.run(290_000);
    expect(calls.map(({ state }) => state.name)).toEqual(["Established", "Established"]);
    await at.network.run(15_000);
    expect(calls.map(({ state }) => state.name)).toEqual(["Ended", "Ended"]);
    expect(far.gateway.legs).toBe(0);
    expect(await refusedWith(at, alice.call(FAR))).toMatchObject({
      status: 403,
      message: "too much talk to elsewhere today: alice may talk for 10 minutes",
    });
    await at.network.run(24 * HOUR);
    await at.network.until(alice.call(FAR).answered);
  });

  test("a phone that is gone counts until the server has hung up, and not for ever", async () => {
    const at = stage(counted({ longestMs: HOUR }));
    const [alice, { host }] = [await at.signedIn("alice"), farSide(at)];
    await at.network.until(alice.call(FAR).answered);
    await at.network.run(500);
    at.hostOf(alice).close();
    host.close();
    await at.network.run(HOUR + 200_000);
    expect([outside(at), at.outgoing().people]).toEqual([0, 1]);
    await at.network.run(400_000);
    expect(at.server.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  });
});

describe("by whom", () => {
  test("a redirection to elsewhere that is followed counts for whoever called", async () => {
    for (const user of ["2", "0044"]) {
      const at = stage({
        ...counted(),
        follow3xx: true,
        route: () => ({ kind: "Redirect", contacts: [{ uri: `sip:${user}@${GATEWAY.host}` }] }),
      });
      const script = `expect INVITE\nsend 200 OK${SDP}\nexpect ACK`;
      at.network.host("gw", GATEWAY, new ScriptedPeer(script));
      const alice = await at.signedIn("alice");
      const call = alice.call("sip:bob@house.example");
      void call.answered.catch(() => {});
      await at.network.run(2000);
      expect([user, outside(at)]).toEqual([user, user === "2" ? 1 : 0]);
      if (user !== "2") expect(call.state.name).not.toBe("Established");
    }
  });

  test("numbers are closed by right, and nothing is sent", async () => {
    const at = stage();
    const gateway = new ScriptedPeer("expect INVITE");
    at.network.host("gw", GATEWAY, gateway);
    const alice = await at.signedIn("alice");
    const call = alice.call(`sip:0044123@${GATEWAY.host}`);
    expect(await refusedWith(at, call)).toMatchObject({ status: 403, message: "no right" });
    expect(gateway.heard).toEqual([]);
  });

  test("a REFER to elsewhere is refused, whoever it names; handOver lets it by", async () => {
    for (const handsOver of [false, true]) {
      const { outgoing, ...rest } = counted();
      const at = stage({ ...rest, ...(outgoing && { outgoing: { ...outgoing, handsOver } }) });
      const [alice, { far }] = [await at.signedIn("alice"), farSide(at)];
      const call = alice.call(FAR);
      await at.network.until(call.answered);
      await at.network.run(500);
      const closed = transfer(call, `sip:0044@${GATEWAY.host}`);
      await expect(at.network.until(closed.done)).rejects.toMatchObject({ status: 403 });
      expect([handsOver, far.count("REFER"), call.state.name]).toEqual([
        ...[handsOver, 0, "Established"],
      ]);
      const open = transfer(call, `sip:089@${GATEWAY.host}`);
      void open.done.catch(() => {});
      await at.network.run(2000);
      expect([handsOver, far.count("REFER")]).toEqual([handsOver, handsOver ? 1 : 0]);
    }
  });
});

describe("through the bridge", () => {
  function bridged() {
    const engine = plainEngine();
    const bridge = bridging({ engine, mode: () => "always" });
    return { bridge, ...stage(counted(), { bridging: () => bridge }) };
  }
  const desk = { media: () => spokenMedia("desk"), transfers: "follow" } as const;

  test("a leg counts until its other side is gone, whoever it talks to by then", async () => {
    const at = bridged();
    const alice = await at.signedIn<SpokenMedia>("alice", "udp", desk);
    const { far, hangUp } = farSide(at);
    const first = alice.call(FAR);
    await at.network.until(first.answered);
    await at.network.run(1000);
    const second = alice.call(FAR);
    await at.network.until(second.answered);
    await at.network.run(1000);
    expect(outside(at)).toBe(2);
    // call, call, REFER-join: the two talk on, and alice has hung up.
    await at.network.until(transfer(first, second).done);
    await at.network.run(6000);
    expect([first.state.name, second.state.name]).toEqual(["Ended", "Ended"]);
    expect([far.gateway.legs, far.gateway.joined, outside(at)]).toEqual([2, 0, 2]);
    expect(await refusedWith(at, alice.call(FAR))).toMatchObject({ status: 403 });
    hangUp(0);
    await at.network.run(3000);
    expect([far.gateway.legs, outside(at)]).toEqual([0, 0]);
    expect(at.bridge.census()).toMatchObject({ calls: 0 });
  });

  test("and it ends what was joined, when it has lasted for too long", async () => {
    const at = bridged();
    const alice = await at.signedIn<SpokenMedia>("alice", "udp", desk);
    const { far } = farSide(at);
    const first = alice.call(FAR);
    await at.network.until(first.answered);
    const second = alice.call(FAR);
    await at.network.until(second.answered);
    await at.network.run(1000);
    await at.network.until(transfer(first, second).done);
    expect(far.gateway.legs).toBe(2);
    await at.network.run(OUTGOING_LIMITS.longestMs + 10_000);
    expect([far.gateway.legs, outside(at), at.bridge.census().calls]).toEqual([0, 0, 0]);
  });

  test("two who are called to talk to each other count for whoever asked", async () => {
    const at = bridged();
    await at.signedIn<SpokenMedia>("alice", "udp", desk);
    const { far, hangUp } = farSide(at);
    const both = { first: FAR, second: `sip:2@${GATEWAY.host}`, account: "alice" };
    at.server.call(() => void at.bridge.connect(both));
    await at.network.run(5000);
    expect([far.gateway.legs, outside(at)]).toEqual([2, 2]);
    const told: string[] = [];
    const heard = (state: { name: string; status?: number | undefined }) =>
      void told.push(`${state.name} ${state.status}`);
    at.server.call(() => void at.bridge.connect({ ...both, heard }));
    await at.network.run(2000);
    expect(told.at(-1)).toBe("Ended 403");
    hangUp(1);
    await at.network.run(3000);
    expect([far.gateway.legs, outside(at)]).toEqual([0, 0]);
  });
});
