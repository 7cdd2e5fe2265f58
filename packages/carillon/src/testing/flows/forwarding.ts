/** Calls that end up elsewhere than where they were sent. RFC 5359 §2.7 to §2.9, §2.12. */
import type { Decision, Policy } from "../../roles/policy.ts";
import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";

const TOWERS = ["alice", "server", "bob", "bob-2"];
const FIRST = { user: "bob", address: "203.0.113.50" };
const SECOND = { user: "bob", name: "bob-2", address: "203.0.113.51" };
const THIRD = { user: "bob", name: "bob-3", address: "203.0.113.52" };
const FOURTH = { user: "bob", name: "bob-4", address: "203.0.113.53" };
/** Long enough for a phone to ring in any weather. */
const RING_MS = 20_000;
const IN_TURN: Policy = { forking: "by-q", ringMs: RING_MS };

/** All that is for Bob goes to Carol. */
const toCarol: NonNullable<Policy["route"]> = ({ uri, method }): Decision | undefined =>
  method === "INVITE" && uri.user === "bob"
    ? { kind: "Redirect", contacts: [{ uri: "sip:carol@house.example" }] }
    : undefined;

async function talksToCarol(stage: FlowStage): Promise<readonly string[]> {
  const [alice, carol] = [await stage.signedIn("alice"), await stage.signedIn("carol")];
  stage.begin();
  return await stage.scene(async () => {
    const from = stage.keep(alice.call("sip:bob@house.example"));
    const to = await stage.answers(carol, () => from.answered);
    await stage.patiently(from.answered);
    await stage.network.run(2000);
    await stage.hangUp(to, from);
    return [endOf("alice", from), endOf("carol", to)];
  });
}

export const forwardedByCaller: Flow = {
  title: "Bob's calls go to Carol, and the caller is told where",
  source: "RFC 5359 §2.7, RFC 3261 §8.1.3.4",
  words: [
    "The server answers 302 and knows no more of it. Alice's phone follows.",
    "With `redirects` it can ask her before, or not follow at all.",
  ],
  policy: { route: toCarol },
  ends: ["alice: SIP_HUNG_UP by remote", "carol: SIP_HUNG_UP by local"],
  play: talksToCarol,
};

export const forwardedByServer: Flow = {
  title: "Bob's calls go to Carol, and the server sees to it",
  source: "RFC 5359 §2.7, RFC 3261 §16.7",
  words: ["The same, but the server follows the redirection itself: the caller hears of none."],
  policy: { route: toCarol, follow3xx: true },
  ends: forwardedByCaller.ends,
  play: talksToCarol,
};

export const forwardedBusy: Flow = {
  title: "Bob's first phone is busy, so the second one rings",
  source: "RFC 5359 §2.8",
  words: [
    "Bob's phones are registered with a q each: the preferred one is called first.",
    "It says 486, and the server goes on to the next.",
  ],
  towers: TOWERS,
  policy: IN_TURN,
  ends: ["alice: SIP_HUNG_UP by remote", "bob-2: SIP_HUNG_UP by local"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    await Desk.registered(stage, { ...FIRST, refusal: 486 }, 1);
    const second = await Desk.registered(stage, SECOND, 0.5);
    stage.begin();
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(alice, second);
      await stage.hangUp(to, from);
      return [endOf("alice", from), endOf("bob-2", to)];
    });
  },
};

export const forwardedNoAnswer: Flow = {
  title: "Nobody answers Bob's first phone, so the second one rings",
  source: "RFC 5359 §2.9",
  words: [
    "The server lets it ring for as long as its operator has said, takes the call back there,",
    "and calls the next.",
  ],
  towers: TOWERS,
  policy: IN_TURN,
  ends: [
    "bob: SIP_CANCELLED by remote",
    "alice: SIP_HUNG_UP by remote",
    "bob-2: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const first = await Desk.registered(stage, FIRST, 1);
    const second = await Desk.registered(stage, SECOND, 0.5);
    stage.begin();
    return await stage.scene(async () => {
      const [from, unheard] = await stage.ring(alice, first);
      const to = await stage.answers(second, () => from.answered);
      await stage.patiently(from.answered);
      await stage.patiently(unheard.ended);
      await stage.hangUp(to, from);
      return [endOf("bob", unheard), endOf("alice", from), endOf("bob-2", to)];
    });
  },
};

export const findMe: Flow = {
  title: "Bob is looked for at one place after the other",
  source: "RFC 5359 §2.12",
  words: [
    "At his desk nobody answers, in the laboratory he has not signed in (480), his mobile is busy,",
    "and at home he takes the call. Alice's phone sees one call that rings for a while.",
  ],
  towers: [...TOWERS, "bob-3", "bob-4"],
  policy: IN_TURN,
  ends: [
    "bob: SIP_CANCELLED by remote",
    "alice: SIP_HUNG_UP by remote",
    "bob-4: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const first = await Desk.registered(stage, FIRST, 1);
    await Desk.registered(stage, { ...SECOND, refusal: 480 }, 0.7);
    await Desk.registered(stage, { ...THIRD, refusal: 486 }, 0.5);
    const fourth = await Desk.registered(stage, FOURTH, 0.3);
    stage.begin();
    return await stage.scene(async () => {
      const [from, unheard] = await stage.ring(alice, first);
      const to = await stage.answers(fourth, () => from.answered);
      await stage.patiently(from.answered);
      await stage.patiently(unheard.ended);
      await stage.hangUp(to, from);
      return [endOf("bob", unheard), endOf("alice", from), endOf("bob-4", to)];
    });
  },
};
