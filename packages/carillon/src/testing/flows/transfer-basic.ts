/** Transfers to somebody who has not been asked. RFC 5359 §2.4, RFC 5589 §6. */
import type { Transfer } from "../../ua/transfer.ts";
import * as transferring from "../../ua/transferring.ts";
import { cast, dialogOf, endsOf, fateLater, fateOf, heldBy, over, successorOf } from "./cast.ts";
import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { type FlowStage, isHeard } from "./flow-stage.ts";
import { lastSaid } from "./said.ts";
import {
  BLIND_ENDS,
  blindly,
  TOWERS,
  takenBack,
  three,
  threeDevices,
  twoFollowing,
} from "./transfer-scene.ts";

export const transferUnattended: Flow = {
  title: "Alice puts Bob through to Carol, unattended",
  source: "RFC 5359 §2.4",
  words: [
    "Bob calls Alice. She asks his phone to call Carol instead: a REFER inside their call. As soon",
    "as it has begun to (NOTIFY), she hangs up. The dialog lives on for the subscription that came",
    "with the REFER, and so Alice hears all the same that Carol has answered.",
  ],
  towers: TOWERS,
  ends: [
    "alice: SIP_HUNG_UP by local",
    "bob: SIP_HUNG_UP by remote",
    "transfer: Transferred",
    "bob to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [to, from] = await stage.talk(bob, alice);
      await stage.network.run(2000);
      const asked = transferring.transfer(from, carol.aor);
      const fate = fateLater(asked);
      const taken = await stage.comes(carol, async () => {
        await begun(asked);
        from.hangUp();
        await fate;
      });
      await over(stage, from, to);
      await stage.network.run(1500);
      await stage.patiently(taken.answer());
      const transfer = await stage.patiently(fate);
      const second = successorOf(to);
      await stage.network.run(2000);
      await stage.hangUp(taken, second);
      return [
        ...endsOf({ alice: from, bob: to }),
        `transfer: ${transfer}`,
        ...endsOf({ "bob to carol": second, carol: taken }),
      ];
    });
  },
};

/** Resolves once they have begun to call, or it is over. */
async function begun(transfer: Transfer): Promise<void> {
  for await (const { name } of transfer.states()) if (name === "Trying") return;
}

export const transferOwnDialog: Flow = {
  title: "Alice puts Bob through to Carol, by a REFER beside their call",
  source: "RFC 5589 §6.1",
  words: [
    "The server has given each of these phones an address of its own (a GRUU, RFC 5627). So",
    "Alice's can send the REFER outside of the call: it makes a dialog of its own, and says by",
    "Target-Dialog which call it is about.",
  ],
  towers: TOWERS,
  ends: ["the REFER: beside the call", ...BLIND_ENDS],
  async play(stage) {
    const { alice, bob, carol } = await threeDevices(stage);
    return await stage.scene(async () => {
      const [to, from] = await stage.talk(bob, alice);
      await stage.network.run(2000);
      await stage.patiently(from.hold());
      const { callId } = dialogOf(from);
      const ends = await blindly(stage, from, to, carol);
      const isWithin = lastSaid(stage, "bob", "REFER", "Call-ID") === callId;
      return [`the REFER: ${isWithin ? "in" : "beside"} the call`, ...ends];
    });
  },
};

export const transferBasic: Flow = {
  title: "Alice holds Bob, and puts him through to Carol",
  source: "RFC 5589 §6.2",
  words: [
    "Bob calls Alice, who puts him on hold before she asks his phone to call Carol.",
    "The REFER goes in the dialog of the call, and asks nothing of Carol's phone.",
  ],
  towers: TOWERS,
  ends: BLIND_ENDS,
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [to, from] = await stage.talk(bob, alice);
      await stage.network.run(2000);
      await stage.patiently(from.hold());
      return await blindly(stage, from, to, carol);
    });
  },
};

const TAKEN_BACK = [
  "resumed: Established",
  "alice: SIP_HUNG_UP by local",
  "bob: SIP_HUNG_UP by remote",
];

export const transferTargetBusy: Flow = {
  title: "Bob is to be put through, but Carol is busy: Alice takes him back",
  source: "RFC 5589 §6.3.1",
  words: [
    "Carol's phone says 486. Bob's phone tells Alice's so, with the last NOTIFY.",
    "The call of those two was never given up: she takes him back.",
  ],
  differs: ["The REFER goes in the dialog of the call (§6.2): these phones have no GRUU."],
  towers: TOWERS,
  ends: ["transfer: SIP_BUSY", "bob to carol: SIP_BUSY by remote", ...TAKEN_BACK],
  play: (stage) => refusedBy(stage, 486),
};

export const transferTargetDeclines: Flow = {
  title: "Bob is to be put through, but Carol does not want to: Alice takes him back",
  source: "RFC 5589 §6.3",
  words: ["The same, with a 603."],
  towers: TOWERS,
  ends: ["transfer: SIP_DECLINED", "bob to carol: SIP_DECLINED by remote", ...TAKEN_BACK],
  play: (stage) => refusedBy(stage, 603),
};

async function refusedBy(stage: FlowStage, refusal: number): Promise<readonly string[]> {
  const carol = await Desk.registered(stage, { user: "carol", address: "203.0.113.50", refusal });
  const { alice, bob } = await twoFollowing(stage);
  return await stage.scene(async () => {
    const [to, from] = await stage.talk(bob, alice);
    await stage.patiently(from.hold());
    const fate = await stage.patiently(fateOf(transferring.transfer(from, carol.aor)));
    return await takenBack(stage, from, to, fate);
  });
}

export const transferTargetSilent: Flow = {
  title: "Bob is put through, but Carol does not answer: he gives up, and Alice takes him back",
  source: "RFC 5589 §6.3.2",
  words: [
    "It rings at Carol's, and Bob gets tired of waiting: his phone takes the call back (CANCEL)",
    "and tells Alice's that it heard 487. He is still on hold there; she takes him back.",
  ],
  differs: ["The REFER goes in the dialog of the call (§6.2): these phones have no GRUU."],
  towers: TOWERS,
  ends: [
    "while it rings: bob ByThem",
    "carol: SIP_CANCELLED by remote",
    "transfer: SIP_CANCELLED",
    "bob to carol: SIP_HUNG_UP by local",
    ...TAKEN_BACK,
  ],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [to, from] = await stage.talk(bob, alice);
      await stage.patiently(from.hold());
      const fate = fateLater(transferring.transfer(from, carol.aor));
      const rings = await stage.comes(carol, () => fate);
      await stage.patiently(isHeard(successorOf(to)));
      await stage.network.run(5000);
      const held = heldBy(to);
      successorOf(to).hangUp();
      await over(stage, rings);
      const ends = await takenBack(stage, from, to, await stage.patiently(fate));
      return [`while it rings: bob ${held}`, ...endsOf({ carol: rings }), ...ends];
    });
  },
};

export const transfereeRefuses: Flow = {
  title: "Bob does not want to be put through",
  source: "RFC 5589 §6.3",
  words: [
    "Bob's phone asks him, and he refuses: 603 to the REFER. Carol never hears of it.",
    "The call goes on as before.",
  ],
  ends: ["transfer: SIP_DECLINED", ...TAKEN_BACK],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: { transfers: "refuse" } });
    return await stage.scene(async () => {
      const [to, from] = await stage.talk(bob, alice);
      await stage.patiently(from.hold());
      const fate = await stage.patiently(
        fateOf(transferring.transfer(from, "sip:carol@house.example")),
      );
      return await takenBack(stage, from, to, fate);
    });
  },
};
