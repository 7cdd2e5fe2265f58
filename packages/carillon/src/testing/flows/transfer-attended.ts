/** Transfers to somebody whom the one who transfers has talked to. RFC 5359 §2.5, RFC 5589 §7. */
import type { Call } from "../../ua/call.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage, type Party } from "./flow-stage.ts";
import { fateOf, successorOf, three } from "./transfer-scene.ts";

const TOWERS = ["alice", "server", "bob", "carol"];

/** The four ends of two calls, and the two of the one that takes their place. */
interface Calls {
  /** Alice's call to Bob, Bob's end of it, Alice's call to Carol, Carol's end. */
  readonly old: readonly [Call, Call, Call, Call];
  /** Who calls now, and who is called. */
  readonly between: readonly [Call, Call];
}

/** The ends of everybody, after those two have hung up. */
async function partings(stage: FlowStage, fate: string, { old, between }: Calls) {
  for (const call of old) await stage.patiently(call.ended);
  const [from, to] = between;
  await stage.network.run(2000);
  await stage.hangUp(to, from);
  const [first, bob, second, carol] = old;
  return [
    `transfer: ${fate}`,
    ...[endOf("alice to bob", first), endOf("bob", bob)],
    ...[endOf("alice to carol", second), endOf("carol", carol)],
    ...[endOf("the new call", from), endOf("its other end", to)],
  ];
}

const ENDS = [
  "transfer: Transferred",
  "alice to bob: SIP_TRANSFERRED by local",
  "bob: SIP_TRANSFERRED by remote",
  "alice to carol: SIP_REPLACED by remote",
  "carol: SIP_REPLACED by remote",
  "the new call: SIP_HUNG_UP by remote",
  "its other end: SIP_HUNG_UP by local",
];

/** Has a call transferred to whom another one is with; the call that comes of it at `callee`. */
async function putThrough(stage: FlowStage, call: Call, other: Call, callee: Party) {
  let fate: Promise<string> = Promise.reject(new Error("not begun"));
  fate.catch(() => {});
  const taken = await stage.comes(callee, () => {
    fate = fateOf(call.transfer(other));
    return fate;
  });
  await stage.patiently(taken.answered);
  return { taken, fate: await stage.patiently(fate) };
}

export const transferAttended: Flow = {
  title: "Alice asks Carol first, then puts Bob through to her",
  source: "RFC 5359 §2.5, RFC 5589 §7.3, §7.5",
  words: [
    "Alice holds Bob, calls Carol, and asks whether she wants to talk to him.",
    "Then she has Bob's phone call Carol in her place: the Refer-To has a Replaces",
    "in it, and Carol's",
    "phone answers by itself. It is addressed by Carol's name, for her phone's own",
    "address need not",
    "lead there from outside of the dialog (§7.5), and asks for a phone that can do",
    "that (Require).",
  ],
  towers: TOWERS,
  ends: ENDS,
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      await stage.patiently(first.hold());
      const [second, carols] = await stage.talk(alice, carol);
      await stage.network.run(2000);
      await stage.patiently(second.hold());
      const { taken, fate } = await putThrough(stage, first, second, carol);
      const old = [first, bobs, second, carols] as const;
      return await partings(stage, fate, { old, between: [successorOf(bobs), taken] });
    });
  },
};

export const transferProtected: Flow = {
  title: "Alice asks Carol first, then has Carol take Bob's call",
  source: "RFC 5589 §7.2",
  words: [
    "The same with the REFER to Carol: hers calls Bob's, in place of Alice's.",
    "So Carol decides, and Bob learns no address of hers before she calls him.",
  ],
  towers: TOWERS,
  ends: [
    "transfer: Transferred",
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_REPLACED by remote",
    "alice to carol: SIP_TRANSFERRED by local",
    "carol: SIP_TRANSFERRED by remote",
    ...ENDS.slice(-2),
  ],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const bob = await stage.signedIn("bob");
    const carol = await stage.signedIn("carol", "udp", { transfers: "follow" });
    stage.begin();
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      await stage.patiently(first.hold());
      const [second, carols] = await stage.talk(alice, carol);
      await stage.patiently(second.hold());
      const { taken, fate } = await putThrough(stage, second, first, bob);
      const old = [first, bobs, second, carols] as const;
      return await partings(stage, fate, { old, between: [successorOf(carols), taken] });
    });
  },
};

export const transferOtherWay: Flow = {
  title: "Bob does not want to be transferred, so Carol's phone is asked",
  source: "RFC 5589 §7.4",
  words: [
    "Bob's phone refuses the REFER. Alice does not give up: she has Carol's asked to",
    "call Bob's instead.",
  ],
  towers: TOWERS,
  ends: ["first: SIP_DECLINED", ...transferProtected.ends],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const bob = await stage.signedIn("bob", "udp", { transfers: "refuse" });
    const carol = await stage.signedIn("carol", "udp", { transfers: "follow" });
    stage.begin();
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      await stage.patiently(first.hold());
      const [second, carols] = await stage.talk(alice, carol);
      const refused = await stage.patiently(fateOf(first.transfer(second)));
      const { taken, fate } = await putThrough(stage, second, first, bob);
      const old = [first, bobs, second, carols] as const;
      const between = [successorOf(carols), taken] as const;
      return [`first: ${refused}`, ...(await partings(stage, fate, { old, between }))];
    });
  },
};

export const transferSemiAttended: Flow = {
  title: "Alice puts Bob through to Carol while Carol's phone still rings",
  source: "RFC 5589 §7.6",
  words: [
    "Nobody can take the place of a call that rings at its callee's (RFC 3891):",
    "Alice's phone keeps",
    "the wish, and asks Bob's as soon as Carol has answered.",
  ],
  towers: TOWERS,
  ends: ["while it rings: Waiting", ...ENDS],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      await stage.patiently(first.hold());
      const [second, carols] = await stage.ringHeard(alice, carol);
      const transfer = first.transfer(second);
      const fated = fateOf(transfer);
      fated.catch(() => {});
      await stage.network.run(1000);
      const waiting = transfer.state.name;
      const taken = await stage.comes(carol, () => {
        carols.answer().catch(() => {});
        return fated;
      });
      const fate = await stage.patiently(fated);
      const old = [first, bobs, second, carols] as const;
      const between = [successorOf(bobs), taken] as const;
      return [`while it rings: ${waiting}`, ...(await partings(stage, fate, { old, between }))];
    });
  },
};

export const transferExposed: Flow = {
  title: "Alice asks Carol first, lets her go, and puts Bob through to her",
  source: "RFC 5589 §7.1",
  words: [
    "Carol agreed to talk to Bob. Alice hangs up with her, and Bob's phone calls her",
    "as anybody does.",
  ],
  towers: TOWERS,
  ends: [
    "alice to carol: SIP_HUNG_UP by local",
    "transfer: Transferred",
    "alice to bob: SIP_TRANSFERRED by local",
    "bob: SIP_TRANSFERRED by remote",
    ...ENDS.slice(-2),
  ],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      await stage.patiently(first.hold());
      const [second, carols] = await stage.talk(alice, carol);
      await stage.hangUp(second, carols);
      return [endOf("alice to carol", second), ...(await blindly(stage, first, bobs, carol))];
    });
  },
};

/** Puts through to somebody who then answers, and hangs up in the end. */
async function blindly(stage: FlowStage, first: Call, bobs: Call, carol: Party) {
  const transfer = first.transfer(carol.aor);
  const fated = fateOf(transfer);
  fated.catch(() => {});
  const taken = await stage.answers(carol, () => fated);
  const fate = await stage.patiently(fated);
  await stage.patiently(bobs.ended);
  const between = successorOf(bobs);
  await stage.hangUp(taken, between);
  return [
    ...[`transfer: ${fate}`, endOf("alice to bob", first), endOf("bob", bobs)],
    ...[endOf("the new call", between), endOf("its other end", taken)],
  ];
}
