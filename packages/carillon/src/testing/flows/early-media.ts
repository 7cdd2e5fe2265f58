/** What a caller hears before anybody answers. RFC 3960. */
import type { Call } from "../../ua/call.ts";
import { earlySessions, startEarlySession } from "../../ua/early-session.ts";
import type { Phone } from "../../ua/phone.ts";
import { silentMedia } from "../silent-media.ts";
import { cast, endsOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";

/** What the caller's phone plays, state by state: its own tone, or what the other side sends. */
async function heard(call: Call, told: string[]): Promise<void> {
  for await (const state of call.states()) {
    const sound = state.name === "Ringing" ? (state.earlyMedia ? "theirs" : "its own tone") : "";
    const says = sound === "" ? state.name : sound;
    if (told.at(-1) !== says) told.push(says);
  }
}

/** Resolves as soon as the caller hears the other side, or the call is over. */
async function hearsThem(call: Call): Promise<void> {
  for await (const state of call.states()) if (state.name === "Ringing" && state.earlyMedia) return;
}

/** Alice hears Bob's announcement; and what she has heard so far, to be told more. */
async function announced(
  stage: FlowStage,
  alice: Phone,
  bob: Phone,
): Promise<readonly [from: Call, to: Call, told: string[]]> {
  const [from, to] = await stage.ringHeard(alice, bob);
  const told: string[] = [];
  void heard(from, told);
  await stage.network.run(1000);
  await stage.patiently(Promise.all([to.startEarly(), hearsThem(from)]));
  await stage.network.run(3000);
  return [from, to, told];
}

export const earlyMediaGateway: Flow = {
  title: "Bob's gateway is heard before anybody answers",
  source: "RFC 3960 §3, §3.2",
  words: [
    "At 180 Alice's phone plays a ringing tone of its own, as is its policy. Then",
    "the gateway sends an",
    "answer, reliably, and what comes from it is heard instead: the tones of the",
    "network behind it.",
    "The 200 has the same description once more, or none.",
  ],
  ends: [
    "alice hears: its own tone, theirs, Established",
    "alice: SIP_HUNG_UP by remote",
    "bob: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    return await stage.scene(async () => {
      const [from, to, told] = await announced(stage, alice, bob);
      await stage.patiently(Promise.all([to.answer(), from.answered]));
      await stage.network.run(2000);
      const sounds = `alice hears: ${told.join(", ")}`;
      await stage.hangUp(to, from);
      return [sounds, endOf("alice", from), endOf("bob", to)];
    });
  },
};

export const earlyMediaRefused: Flow = {
  title: "An announcement, and then a refusal",
  source: "RFC 3960 §2, §3",
  words: [
    "Nobody is charged for what a gateway says before it refuses: that a number has changed, say.",
    "Alice hears it, and the call is over with a status all the same.",
  ],
  ends: [
    "alice hears: its own tone, theirs, Ended",
    "alice: SIP_DECLINED by remote",
    "bob: SIP_DECLINED by local",
  ],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    return await stage.scene(async () => {
      const [from, to, told] = await announced(stage, alice, bob);
      to.decline();
      await stage.patiently(from.ended);
      await stage.network.run(100);
      return [`alice hears: ${told.join(", ")}`, endOf("alice", from), endOf("bob", to)];
    });
  },
};

/** Alice, and two devices of Bob's. */
async function forking(stage: FlowStage): Promise<readonly [alice: Phone, one: Phone, two: Phone]> {
  const alice = await stage.signedIn("alice");
  return [alice, await stage.signedIn("bob"), await stage.signedIn("bob")];
}

/** Both devices begin to be heard, one after the other, as `start` has it; the second answers. */
async function heardOneAfterTheOther(
  stage: FlowStage,
  [alice, one, two]: Awaited<ReturnType<typeof forking>>,
  start: (call: Call) => Promise<boolean>,
): Promise<{ readonly fates: readonly boolean[]; readonly ends: readonly string[] }> {
  const [from, here, there] = await stage.ringHeard(alice, one, two);
  const told: string[] = [];
  void heard(from, told);
  await stage.network.run(1000);
  const [first] = await stage.patiently(Promise.all([start(here), hearsThem(from)]));
  await stage.network.run(1000);
  const second = await stage.patiently(start(there));
  await stage.network.run(2000);
  await stage.patiently(Promise.all([there.answer(), from.answered]));
  await stage.patiently(here.ended);
  const sounds = `alice hears: ${told.join(", ")}`;
  await stage.hangUp(there, from);
  const ends = [sounds, ...endsOf({ alice: from, bob: here, "bob-2": there })];
  return { fates: [first, second], ends };
}

const FORKED = [
  "alice hears: its own tone, theirs, Established",
  "alice: SIP_HUNG_UP by remote",
  "bob: SIP_ANSWERED_ELSEWHERE by remote",
  "bob-2: SIP_HUNG_UP by local",
];

export const earlyMediaForked: Flow = {
  title: "Two gateways are heard at once, in two early dialogs",
  source: "RFC 3960 §3.1",
  words: [
    "The call forks, and both of Bob's devices send media before anybody answers.",
    "Each has an early dialog of its own with Alice's phone, which acknowledges both (PRACK).",
    "When one answers, that dialog is the call; the other is given up.",
  ],
  towers: ["alice", "server", "bob", "bob-2"],
  ends: FORKED,
  async play(stage) {
    const phones = await forking(stage);
    stage.begin();
    return await stage.scene(async () => {
      const { ends } = await heardOneAfterTheOther(stage, phones, (call) => call.startEarly());
      return ends;
    });
  },
};

/** Has a phone take sessions for before the answer, and offer them; how many of them are open. */
function withEarlySessions(phone: Phone, address: string): () => number {
  let open = 0;
  earlySessions(phone, () => {
    open++;
    return { ...silentMedia(address, 40_002), close: () => void open-- };
  });
  return () => open;
}

export const earlyMediaServers: Flow = {
  title: "Two servers announce something, each in a session of its own, before anybody answers",
  source: "RFC 3960 §4, RFC 3959",
  words: [
    "Alice's phone says that it takes sessions for before the answer (Supported: early-session).",
    "The call forks, and each of Bob's devices offers one in a 183: a description of its own,",
    "beside the call's. Alice's answers the first in its PRACK, and refuses the second: one is",
    "heard at a time. The device with the second answers, and its 200 is the call's only answer.",
    "So nothing has to be muted, and nothing of what is said then is lost.",
  ],
  towers: ["alice", "server", "bob", "bob-2"],
  ends: ["announcements: heard, refused", ...FORKED, "sessions that are still open: 0"],
  async play(stage) {
    const phones = await forking(stage);
    const open = phones.map((phone) =>
      withEarlySessions(phone, stage.home.hostOf(phone).address.host),
    );
    stage.begin();
    return await stage.scene(async () => {
      const { fates, ends } = await heardOneAfterTheOther(stage, phones, startEarlySession);
      const announced = fates.map((isHeard) => (isHeard ? "heard" : "refused")).join(", ");
      const left = open.reduce((sum, count) => sum + count(), 0);
      return [`announcements: ${announced}`, ...ends, `sessions that are still open: ${left}`];
    });
  },
};
