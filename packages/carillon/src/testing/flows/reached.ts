/** Phones that are hard to reach: several flows, an address of one's own, asleep. */
import { header } from "../../message/headers.ts";
import type { HeldRequests, Wake } from "../../roles/wake.ts";
import type { Call } from "../../ua/call.ts";
import { sleepable, woken } from "../../ua/sleepable.ts";
import { parseNameAddr } from "../../uri/name-addr.ts";
import { cast, endsOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";
import { requestsTo } from "./said.ts";

const BOBS = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6b0b";
const BOBS_OTHER = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e60b2";

export const twoFlows: Flow = {
  title: "One of a phone's two flows breaks, and a call finds it over the other",
  source: "RFC 5626 §4.2.1, §4.5, §5.3",
  words: [
    "Bob's phone is registered twice, over UDP and TCP, by one instance and two reg-ids: for",
    "the server that is one device. Its connection breaks. Alice's call goes over the flow",
    "that is left, and the phone registers the other one anew, by the reg-id that it had.",
  ],
  towers: ["alice", "server", "bob"],
  ends: ["alice: SIP_HUNG_UP by local", "bob: SIP_HUNG_UP by remote", "flows: 2 of 2"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const bob = stage.phone("bob", "udp", { instance: BOBS, ways: ["udp", "tcp"], flows: 2 });
    const host = stage.home.hostOf(bob);
    // When to register each flow again, and when to see whether it is alive.
    stage.watched.set(host, 4);
    stage.begin();
    const flows = () => {
      const all = bob.flows();
      return `${all.filter(({ state }) => state.name === "Registered").length} of ${all.length}`;
    };
    const both = async () => {
      for (let i = 0; i < 600 && flows() !== "2 of 2"; i++) await stage.network.run(1000);
    };
    await stage.registered(bob);
    return await stage.scene(async () => {
      await both();
      host.disconnect();
      await stage.network.run(20);
      const [from, to] = await stage.talk(alice, bob);
      await stage.hangUp(from, to);
      await both();
      return [...endsOf({ alice: from, bob: to }), `flows: ${flows()}`];
    });
  },
};

export const calledByGruu: Flow = {
  title: "Alice calls the very device that Bob has called her from",
  source: "RFC 5627 §5.3",
  words: [
    "Bob has two devices, each with an address of its own from the server (a GRUU), which is",
    "the Contact of what it sends. Alice calls the one that she had a call from: the other",
    "one does not ring, as both would by Bob's name.",
  ],
  ends: ["called: a GRUU", "alice: SIP_HUNG_UP by local", "bob: SIP_HUNG_UP by remote", "rang: 0"],
  async play(stage) {
    const { alice } = await cast(stage, { alice: {} });
    const bob = await stage.signedIn("bob", "udp", { instance: BOBS });
    const other = await stage.signedIn("bob", "udp", { instance: BOBS_OTHER });
    stage.begin();
    let rang = 0;
    const ringing = other.calls();
    void (async () => {
      for await (const _ of ringing) rang++;
    })();
    return await stage.scene(async () => {
      const first = await stage.talk(bob, alice);
      await stage.hangUp(first[0], first[1]);
      const asked = requestsTo(stage, "alice", "INVITE").at(-1);
      const contact = parseNameAddr((asked && header(asked, "Contact")) ?? "");
      const gruu = contact.ok ? contact.value.uri : "";
      const callee = { aor: gruu, call: bob.call.bind(bob), calls: bob.calls.bind(bob) };
      const [from, to] = await stage.talk(alice, callee);
      await stage.hangUp(from, to);
      const what = gruu.includes(";gr=") ? "a GRUU" : gruu;
      return [`called: ${what}`, ...endsOf({ alice: from, bob: to }), `rang: ${rang}`];
    });
  },
};

/** Takes every push. */
class PushService implements Wake {
  services = () => [{ provider: "webpush", vapid: "BKey" }];
  canWake = (): boolean => true;
  wake = (): ReturnType<Wake["wake"]> => ({ kind: "Sent" });
  attach(_: HeldRequests): void {}
}

const PUSHED_AT = { provider: "webpush", prid: "https://push.example/wake/bob" };

export const wokenUp: Flow = {
  title: "Bob's page is closed: a push wakes it, and it answers",
  source: "RFC 8599 §5.6.2, RFC 3261 §21.1.4",
  words: [
    "Bob's page told the server where it can be woken (pn-provider, pn-prid), and was closed.",
    "The server holds Alice's call, says so (182), and sends a push, which no ladder shows.",
    "The page opens, registers with the same pn-prid, and gets the call that was held.",
  ],
  towers: ["alice", "server", "bob", "bob-2"],
  wake: () => new PushService(),
  ends: ["bob's bindings: 1", "alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    await closed(stage, await page(stage));
    stage.begin();
    return await stage.scene(async () => {
      const from = stage.keep(alice.call("sip:bob@house.example"));
      await stage.network.run(4000);
      const back = await page(stage);
      const calls = back.calls();
      const { value } = await stage.patiently(
        Promise.race([calls.next(), from.answered.then(() => ({ value: undefined }))]),
      );
      void calls.return?.();
      const to = stage.keep(value as Call);
      await stage.patiently(Promise.all([to.answer(), from.answered]));
      await stage.network.run(2000);
      await stage.hangUp(to, from);
      const { length } = stage.home.location.bindings("bob", stage.network.now);
      return [`bob's bindings: ${length}`, endOf("alice", from), endOf("bob", to)];
    });
  },
};

export const wokenInACall: Flow = {
  title: "Bob's phone sleeps in a call: what Alice does there wakes it",
  source: "RFC 8599 §6.2.3",
  words: [
    "Bob's phone has told Alice by what its server knows it (pn-purr, in its Contact). It sleeps",
    "with the call on hold for a while, and its connection is gone. Alice's re-INVITE is held, and",
    "a push sent, which no ladder shows. The phone registers over another connection, and gets it.",
  ],
  towers: ["alice", "server", "bob"],
  wake: () => new PushService(),
  ends: ["alice holds: true", "alice: SIP_HUNG_UP by local", "bob: SIP_HUNG_UP by remote"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const bob = stage.phone("bob", "tcp", { instance: BOBS });
    sleepable(bob, PUSHED_AT);
    await stage.registered(bob);
    const host = stage.home.hostOf(bob);
    stage.begin();
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(alice, bob);
      await stage.network.run(2000);
      const air = stage.network.partitions.split([host.name], "*");
      host.sleep();
      host.disconnect();
      await stage.network.run(1000);
      const held = from.hold();
      await stage.network.run(4000);
      air.heal();
      host.wakeUp();
      woken(bob);
      await stage.patiently(held);
      await stage.network.run(2000);
      const { state } = from;
      const isHeld = state.name === "Established" && state.held !== undefined;
      await stage.hangUp(from, to);
      return [`alice holds: ${isHeld}`, ...endsOf({ alice: from, bob: to })];
    });
  },
};

async function page(stage: FlowStage) {
  const phone = stage.phone("bob", "ws");
  sleepable(phone, PUSHED_AT);
  await stage.registered(phone);
  return phone;
}

async function closed(stage: FlowStage, phone: Awaited<ReturnType<typeof page>>): Promise<void> {
  const host = stage.home.hostOf(phone);
  host.close();
  stage.watched.delete(host);
  await stage.network.run(1000);
}
