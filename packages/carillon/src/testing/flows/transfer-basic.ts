/** Transfers to somebody who has not been asked. RFC 5359 §2.4, RFC 5589 §6. */
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";
import { fateOf, successorOf, three } from "./transfer-scene.ts";

export const transferUnattended: Flow = {
  title: "Alice puts Bob through to Carol, unattended",
  source: "RFC 5359 §2.4",
  words: [
    "Bob calls Alice. She asks his phone to call Carol instead: a REFER inside their call.",
    "It does, and tells her what it hears (NOTIFY). When Carol has answered, Alice's side is over.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: [
    "transfer: Transferred",
    "alice: SIP_TRANSFERRED by local",
    "bob: SIP_TRANSFERRED by remote",
    "bob to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [to, from] = await stage.talk(bob, alice);
      await stage.network.run(2000);
      return await putThrough(stage, from, to, carol);
    });
  },
};

export const transferBasic: Flow = {
  title: "Alice calls Bob, holds him, and puts him through to Carol",
  source: "RFC 5589 §6.2",
  words: [
    "The caller transfers whom she called. She puts him on hold before.",
    "The REFER goes in the dialog of the call, and asks nothing of Carol's phone.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: transferUnattended.ends,
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(alice, bob);
      await stage.network.run(2000);
      await stage.patiently(from.hold());
      return await putThrough(stage, from, to, carol);
    });
  },
};

type Ends = Awaited<ReturnType<typeof three>>;
type Call = Awaited<ReturnType<FlowStage["comes"]>>;

/** `from` has `to` call Carol, who answers, and hangs up in the end. */
async function putThrough(
  stage: FlowStage,
  from: Call,
  to: Call,
  carol: Ends["carol"],
): Promise<readonly string[]> {
  let fate: Promise<string> | undefined;
  const third = await stage.answers(carol, () => {
    fate = fateOf(from.transfer(carol.aor));
    return fate;
  });
  const transfer = await stage.patiently(Promise.resolve(fate));
  await stage.patiently(to.ended);
  const second = successorOf(to);
  await stage.network.run(2000);
  await stage.hangUp(third, second);
  return [
    `transfer: ${transfer}`,
    ...[endOf("alice", from), endOf("bob", to)],
    ...[endOf("bob to carol", second), endOf("carol", third)],
  ];
}

export const transferTargetBusy: Flow = {
  title: "Bob is to be put through, but Carol is busy: Alice takes him back",
  source: "RFC 5589 §6.3",
  words: [
    "Carol's phone says 486. Bob's phone tells Alice's so, with the last NOTIFY.",
    "The call of those two was never given up: she takes him back.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: [
    "transfer: SIP_BUSY",
    "bob to carol: SIP_BUSY by remote",
    "resumed: Established",
    "alice: SIP_HUNG_UP by local",
    "bob: SIP_HUNG_UP by remote",
  ],
  play: (stage) => refusedBy(stage, 486),
};

export const transferTargetDeclines: Flow = {
  title: "Bob is to be put through, but Carol does not want to: Alice takes him back",
  source: "RFC 5589 §6.3",
  words: ["The same, with a 603."],
  towers: ["alice", "server", "bob", "carol"],
  ends: transferTargetBusy.ends.map((end) => end.replace("SIP_BUSY", "SIP_DECLINED")),
  play: (stage) => refusedBy(stage, 603),
};

async function refusedBy(stage: FlowStage, refusal: number): Promise<readonly string[]> {
  const { alice, bob, carol } = await three(stage, { refusal });
  return await stage.scene(async () => {
    const [from, to] = await stage.talk(alice, bob);
    await stage.patiently(from.hold());
    const transfer = await stage.patiently(fateOf(from.transfer(carol.aor)));
    await stage.patiently(from.resume());
    const resumed = from.state.name;
    const second = successorOf(to);
    await stage.hangUp(from, to);
    return [
      ...[`transfer: ${transfer}`, endOf("bob to carol", second), `resumed: ${resumed}`],
      ...[endOf("alice", from), endOf("bob", to)],
    ];
  });
}

export const transfereeRefuses: Flow = {
  title: "Bob does not want to be put through",
  source: "RFC 5589 §6.3",
  words: [
    "Bob's phone asks him, and he refuses: 603 to the REFER. Carol never hears of it.",
    "The call goes on as before.",
  ],
  ends: [
    "transfer: SIP_DECLINED",
    "resumed: Established",
    "alice: SIP_HUNG_UP by local",
    "bob: SIP_HUNG_UP by remote",
  ],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const bob = await stage.signedIn("bob", "udp", { transfers: "refuse" });
    stage.begin();
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(alice, bob);
      await stage.patiently(from.hold());
      const transfer = await stage.patiently(fateOf(from.transfer("sip:carol@house.example")));
      await stage.patiently(from.resume());
      const resumed = from.state.name;
      await stage.hangUp(from, to);
      return [
        ...[`transfer: ${transfer}`, `resumed: ${resumed}`],
        ...[endOf("alice", from), endOf("bob", to)],
      ];
    });
  },
};
