/** Phones that sleep, and are woken: RFC 8599, on the simulated network. */
import { describe, expect, test } from "vitest";
import { messageLabel } from "../message/message-label.ts";
import { type Answer, Pending } from "../roles/answer.ts";
import type { HeldRequests, Wake, WakeAsked, Woken } from "../roles/wake.ts";
import { type House, type HouseOptions, house } from "../testing/house.ts";
import { mayRest, sleepable, woken } from "./sleepable.ts";
import { WakeNotes } from "./wake-notes.ts";

const BOB = "sip:bob@house.example";
const PRID = "https://push.example/wake/bob?x=1;2";
const SENT: Woken = { kind: "Sent" };

type Phone = ReturnType<House["phone"]>;
type Call = ReturnType<Phone["call"]>;

/** A push service that takes everything, and remembers it. */
class Service implements Wake {
  readonly asked: WakeAsked[] = [];
  answer: Answer<Woken> = SENT;
  held: HeldRequests | undefined;
  services = () => [{ provider: "webpush", vapid: "BKey" }, { provider: "fcm" }];
  canWake = ({ provider }: { provider: string }) => provider !== "acme";
  wake(asked: WakeAsked): Answer<Woken> {
    this.asked.push(asked);
    return this.answer;
  }
  attach(held: HeldRequests): void {
    this.held = held;
  }
  get kinds(): readonly string[] {
    return this.asked.map(({ why, account }) => `${why.kind} ${account}`);
  }
}

interface Stage extends House {
  readonly wake: Service;
  readonly alice: Phone;
  /** Hers. */
  readonly notes: WakeNotes;
  /** A page of Bob's, signed in, that can be woken. */
  page(prid?: string): Promise<Phone>;
  /** It is closed: its connection ends. */
  closed(page: Phone): Promise<void>;
}

async function stage(options: HouseOptions = {}): Promise<Stage> {
  const wake = new Service();
  const scene = house({ ...options, wake });
  const notes = new WakeNotes();
  const alice = await scene.signedIn("alice", "ws", { trace: notes.trace });
  return {
    ...scene,
    get server() {
      return scene.server;
    },
    ...{ wake, alice, notes },
    async page(prid = PRID) {
      const phone = scene.phone("bob", "ws");
      sleepable(phone, { provider: "webpush", prid });
      await scene.network.until(phone.register());
      return phone;
    },
    async closed(page) {
      scene.hostOf(page).close();
      await scene.network.run(1000);
    },
  };
}

async function rings({ network }: House, phone: Phone): Promise<Call> {
  const { value } = await network.until(phone.calls().next());
  return value as Call;
}

const said = ({ network }: House): readonly string[] =>
  network.sights.map((one) => messageLabel(one.octets));

describe("a page that is closed", () => {
  //= RFC 8599 §5.6.2
  //# If there is a match, the proxy MUST remove the SIP request from the bucket and forward it
  //# towards the UA.
  //= RFC 8599 §4.1.1
  //# To request push notifications from the SIP network, the UA MUST insert the following SIP URI
  //# parameters in the SIP Contact header field URI of the REGISTER request: 'pn-provider',
  //# 'pn-prid', and 'pn-param' (if required for the specific PNS).
  //= RFC 8599 §4.1.3
  //# When a UA receives a push notification, the UA MUST send a binding-refresh REGISTER request.
  //= RFC 8599 §4.1.3
  //# The UA MUST insert the same set of 'pn-*' SIP URI parameters in the SIP Contact header field
  //# URI of the REGISTER request that it inserted when it requested push notifications (Section
  //# 4.1.1).
  test("RFC 8599 §5.6.2: is woken by a call, and answers it", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    await scene.closed(await scene.page());
    const call = alice.call(BOB);
    await network.run(3000);
    expect(wake.asked).toMatchObject([
      {
        account: "bob",
        by: "alice",
        push: { provider: "webpush", prid: PRID },
        why: { kind: "Request", method: "INVITE", heldMs: 30_000 },
      },
    ]);
    expect(said(scene)).toContain("182 Waking a phone of bob (INVITE)");
    expect(scene.notes.isWaking(call)).toBe(true);
    const back = await scene.page();
    const incoming = await rings(scene, back);
    await network.run(1000);
    expect(scene.notes.isWaking(call)).toBe(false);
    await network.until(Promise.all([incoming.answer(), call.answered]));
    // What slept is what is awake now: there is one binding.
    expect(scene.location.bindings("bob", network.now)).toHaveLength(1);
    call.hangUp();
    await network.until(incoming.ended);
    await network.run(40_000);
    expect(wake.kinds).toEqual(["Request bob"]);
    expect(scene.server.endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });

  //= RFC 8599 §5.6.2
  //# the proxy MUST remove the SIP request from the SIP Request Push Bucket (Section 5.2) and send
  //# a 480 (Temporarily Unavailable) response.
  test("RFC 8599 §5.6.2: that wakes too late finds no call, and is told of it", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    await scene.closed(await scene.page());
    const call = alice.call(BOB);
    const end = await network.until(call.ended);
    expect(end).toMatchObject({ status: 480 });
    expect(wake.kinds).toEqual(["Request bob", "Over bob"]);
    expect(wake.asked[1]?.why).toMatchObject({ isMissed: true, from: alice.aor });
    const back = await scene.page();
    await network.run(5000);
    expect(back.state.name).toBe("Registered");
    expect(said(scene).filter((one) => one === "INVITE")).toHaveLength(2);
  });

  test("RFC 3261 §9.2: is not called any more when the caller thinks better of it", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    await scene.closed(await scene.page());
    const call = alice.call(BOB);
    await network.run(2000);
    call.hangUp();
    await network.until(call.ended);
    await network.run(1000);
    expect(wake.kinds).toEqual(["Request bob", "Over bob"]);
    const back = await scene.page();
    const calls: Call[] = [];
    back.on("call", (one) => calls.push(one));
    await network.run(5000);
    expect(calls).toEqual([]);
    await network.run(40_000);
    expect(scene.server.endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });

  test("is woken beside a phone that rings, and hears that it was answered there", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    await scene.closed(await scene.page());
    const desk = await scene.signedIn("bob");
    const call = alice.call(BOB);
    const incoming = await rings(scene, desk);
    expect(wake.kinds).toEqual(["Request bob"]);
    await network.until(Promise.all([incoming.answer(), call.answered]));
    await network.run(1000);
    expect(wake.asked[1]?.why).toMatchObject({ kind: "Over", isMissed: false });
  });

  test("of two that sleep, each is woken, and the one that comes first answers", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    await scene.closed(await scene.page());
    await scene.closed(await scene.page("https://push.example/other"));
    const call = alice.call(BOB);
    await network.run(1000);
    expect(wake.kinds).toEqual(["Request bob", "Request bob"]);
    const back = await scene.page("https://push.example/other");
    const incoming = await rings(scene, back);
    await network.until(Promise.all([incoming.answer(), call.answered]));
    await network.run(1000);
    expect(wake.asked.at(-1)).toMatchObject({ push: { prid: PRID }, why: { isMissed: false } });
  });

  test("that is open in a second tab is not woken: that one rings", async () => {
    const scene = await stage();
    const first = await scene.page();
    const second = await scene.page();
    await scene.closed(first);
    scene.alice.call(BOB);
    await rings(scene, second);
    expect(scene.wake.asked).toEqual([]);
  });

  test("declines from its notification, and the caller hears that", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    await scene.closed(await scene.page());
    const call = alice.call(BOB);
    await network.run(1000);
    const why = wake.asked[0]?.why;
    const id = why?.kind === "Request" ? why.id : "";
    expect(wake.held?.decline("alice", id)).toBe(false);
    scene.server.call(() => wake.held?.decline("bob", id));
    expect(await network.until(call.ended)).toMatchObject({ code: "SIP_DECLINED", status: 603 });
    expect(wake.kinds).toEqual(["Request bob"]);
  });

  test("is found by its store after a restart, though the call that waited is lost", async () => {
    const scene = await stage();
    const { network, alice } = scene;
    await scene.closed(await scene.page());
    const lost = alice.call(BOB);
    await network.run(1000);
    scene.restart();
    await network.run(1000);
    const back = await scene.page();
    await network.run(2000);
    expect(back.state.name).toBe("Registered");
    lost.hangUp();
    await scene.closed(back);
    const again = await scene.signedIn("alice");
    const call = again.call(BOB);
    await network.run(1000);
    const incoming = await rings(scene, await scene.page());
    await network.until(Promise.all([incoming.answer(), call.answered]));
  });

  //= RFC 8599 §5.6.2
  //# If the push notification request fails (see PNS-specific documentation for details), the proxy
  //# MUST remove the SIP request from the bucket and send an error response to the SIP request.
  test("RFC 8599 §5.6.2: that its push service does not know is forgotten", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    await scene.closed(await scene.page());
    const answer = new Pending<Woken>();
    wake.answer = answer;
    const call = alice.call(BOB);
    await network.run(1000);
    scene.server.call(() => answer.resolve({ kind: "Failed", why: "410", isGone: true }));
    expect(await network.until(call.ended)).toMatchObject({ status: 480 });
    expect(scene.location.bindings("bob", network.now)).toEqual([]);
  });
});

describe("a phone that is taken to be awake", () => {
  //= RFC 8599 §5.6.2
  //# If the proxy has knowledge that the UA is awake, and that the UA is able to receive the SIP
  //# request without first sending a binding-refresh REGISTER request, the proxy does not need to
  //# request that a push notification be sent to the UA
  test("RFC 8599 §5.6.2: is woken where it says nothing, and rings once", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    const page = await scene.page();
    const calls: Call[] = [];
    page.on("call", (one) => calls.push(one));
    const host = scene.hostOf(page);
    const air = network.partitions.split([host.name], "*");
    host.sleep();
    const call = alice.call(BOB);
    await network.run(1900);
    expect(wake.asked).toEqual([]);
    await network.run(200);
    expect(wake.kinds).toEqual(["Request bob"]);
    expect(scene.notes.isWaking(call)).toBe(true);
    air.heal();
    host.wakeUp();
    woken(page);
    await network.run(3000);
    expect(calls).toHaveLength(1);
    await network.until(Promise.all([calls[0]?.answer(), call.answered]));
    await network.run(40_000);
    expect(calls).toHaveLength(1);
    expect(call.state.name).toBe("Established");
  });

  test("RFC 8599 §5.6.2: that does not wake, either, is missed with 480 in time", async () => {
    const scene = await stage();
    const { network, alice, wake } = scene;
    const page = await scene.page();
    const host = scene.hostOf(page);
    network.partitions.split([host.name], "*");
    host.sleep();
    const end = await network.until(alice.call(BOB).ended);
    expect(end).toMatchObject({ status: 480, message: expect.stringContaining("wake") });
    expect(wake.kinds).toEqual(["Request bob", "Over bob"]);
  });

  test("is not woken when it rings at once", async () => {
    const scene = await stage();
    const page = await scene.page();
    scene.alice.call(BOB);
    await rings(scene, page);
    await scene.network.run(5000);
    expect(scene.wake.asked).toEqual([]);
  });
});

describe("a phone whose program is suspended", () => {
  //= RFC 8599 §4.1.3
  //# If the SIP UA has created multiple bindings, the UA MUST send a binding-refresh REGISTER
  //# request for each of those bindings when it receives a push notification.
  test("RFC 8599 §4.1.3: registers over each flow, and is called over none before", async () => {
    const scene = await stage();
    const { network, alice } = scene;
    const instance = "urn:uuid:f81d4fae-7dec-11d0-a765-000000000b0b";
    const phone = scene.phone("bob", "udp", { instance, flows: 2, ways: ["udp", "tcp"] });
    sleepable(phone, { provider: "fcm", prid: "token", param: "app" });
    await network.until(phone.register());
    // Longer than who has just registered is taken to be awake.
    await network.run(25_000);
    const host = scene.hostOf(phone);
    const air = network.partitions.split([host.name], "*");
    host.sleep();
    await network.run(600_000);
    scene.ladder();
    const seen = network.sights.length;
    const call = alice.call(BOB);
    await network.run(3000);
    const sent = () => network.sights.slice(seen).filter(({ to }) => to === host.name);
    expect(sent()).toEqual([]);
    air.heal();
    host.wakeUp();
    woken(phone);
    const incoming = await rings(scene, phone);
    await network.until(Promise.all([incoming.answer(), call.answered]));
    const registers = network.sights
      .slice(seen)
      .filter(({ from, octets }) => from === host.name && octets.startsWith("REGISTER"));
    const regIds = registers.map(({ octets }) => /reg-id=(\d)/.exec(octets)?.[1]);
    expect(new Set(regIds)).toEqual(new Set(["1", "2"]));
  });
});

describe("a phone that would be suspended", () => {
  //= RFC 3261 §15.1.1
  //# The UAC MUST consider the session terminated (and therefore stop sending or listening for
  //# media) as soon as the BYE request is passed to the client transaction.
  test("RFC 3261 §15.1.1: may not rest in a call, nor before its BYE is answered", async () => {
    const scene = await stage({ delayMs: 40 });
    const { network, alice } = scene;
    const page = await scene.page();
    expect([mayRest(alice), mayRest(page)]).toEqual([true, true]);
    const call = alice.call(BOB);
    const incoming = await rings(scene, page);
    expect([mayRest(alice), mayRest(page)]).toEqual([false, false]);
    await network.until(Promise.all([incoming.answer(), call.answered]));
    await network.run(60_000);
    expect([mayRest(alice), mayRest(page)]).toEqual([false, false]);
    incoming.hangUp();
    expect([incoming.state.name, call.state.name]).toEqual(["Ended", "Established"]);
    expect(mayRest(page)).toBe(false);
    await network.until(call.ended);
    // The answer is on its way.
    expect(mayRest(page)).toBe(false);
    await network.run(1000);
    expect([mayRest(alice), mayRest(page)]).toEqual([true, true]);
  });
});

describe("before a binding ends", () => {
  test("RFC 3261 §10.2.4: a phone that is open renews it by what it was granted", async () => {
    const scene = await stage();
    const { network } = scene;
    const page = scene.phone("bob", "ws");
    sleepable(page, { provider: "webpush", prid: PRID }, { expiresSeconds: 200 });
    await network.until(page.register());
    for (let minute = 0; minute < 20; minute++) {
      await network.run(60_000);
      expect(scene.location.bindings("bob", network.now)).toHaveLength(1);
    }
  });

  test("RFC 8599 §5.5: its phone is woken after a restart, too", async () => {
    const scene = await stage();
    const { network, wake } = scene;
    const page = scene.phone("bob", "ws");
    sleepable(page, { provider: "webpush", prid: PRID }, { expiresSeconds: 600 });
    await network.until(page.register());
    await scene.closed(page);
    scene.restart();
    await network.run(490_000);
    expect(wake.kinds).toEqual(["Refresh bob"]);
  });

  //= RFC 8599 §5.5
  //# When the proxy receives an indication that the UA needs to send a binding-refresh REGISTER
  //# request, the proxy will request that a push notification be sent to the UA.
  //= RFC 8599 §5.5
  //# If the proxy receives information that a binding associated with a PRID has expired, or that a
  //# binding has been removed, the proxy MUST NOT request that further push notifications are sent
  //# to the UA using that PRID.
  test("RFC 8599 §5.5: its phone is woken to renew it, and never after", async () => {
    const scene = await stage();
    const { network, wake } = scene;
    const page = scene.phone("bob", "ws");
    sleepable(page, { provider: "webpush", prid: PRID }, { expiresSeconds: 600 });
    await network.until(page.register());
    await scene.closed(page);
    await network.run(460_000);
    expect(wake.asked).toEqual([]);
    await network.run(30_000);
    expect(wake.kinds).toEqual(["Refresh bob"]);
    expect(wake.asked[0]?.why).toMatchObject({ kind: "Refresh" });
    await network.run(600_000);
    expect(wake.kinds).toEqual(["Refresh bob"]);
    expect(scene.location.bindings("bob", network.now)).toEqual([]);
  });

  test("RFC 8599 §4.1: nobody but its server hears what it is woken by", async () => {
    //= RFC 8599 §4.1
    //# For privacy and security reasons, a UA MUST NOT insert the SIP URI parameters (except for
    //# the 'pn-purr' parameter) defined in this specification in non-REGISTER requests in order to
    //# prevent the PNS information associated with the UA from reaching the remote peer. For
    //# example, the UA MUST NOT insert the 'pn-prid' SIP URI parameter in the Contact header field
    //# URI of an INVITE request.
    const scene = await stage();
    const page = await scene.page();
    const { from, to } = await scene.talk(page, scene.alice);
    from.hangUp();
    await scene.network.until(to.ended);
    const telling = scene.network.sights.filter(({ octets }) => /;pn-(?!purr)/.test(octets));
    const kinds = new Set(telling.map(({ octets }) => messageLabel(octets)));
    expect([...kinds].sort()).toEqual(["200 OK (REGISTER)", "REGISTER"]);
  });

  test("RFC 8599 §4.1.2: a phone that wants no pushes any more is not woken", async () => {
    const scene = await stage();
    const page = await scene.page();
    sleepable(page, undefined);
    await scene.network.run(2000);
    //= RFC 8599 §4.1.2
    //# When the UA sends the REGISTER request for removing the binding, the UA MUST NOT insert the
    //# 'pn-prid' SIP URI parameter in the Contact header field URI of the REGISTER request.
    const registers = scene.network.sights.filter(({ octets }) => octets.startsWith("REGISTER "));
    expect(registers.at(-1)?.octets).not.toContain("pn-prid");
    await scene.closed(page);
    const end = await scene.network.until(scene.alice.call(BOB).ended);
    expect(end).toMatchObject({ status: 480 });
    expect(scene.wake.asked).toEqual([]);
  });
});
