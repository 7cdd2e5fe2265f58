/** Transfers to somebody whom the one who transfers has talked to. RFC 5359 §2.5, RFC 5589 §7. */

import type { Phone } from "../../ua/phone.ts";
import * as transferring from "../../ua/transferring.ts";
import { cast, consulted, endsOf, FOLLOWS, fateLater, fateOf, successorOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import type { FlowStage } from "./flow-stage.ts";
import { lastSaid } from "./said.ts";
import {
  BLIND_ENDS,
  blindly,
  PARTINGS,
  partings,
  putThrough,
  TOWERS,
  three,
  threeDevices,
} from "./transfer-scene.ts";

/** Alice calls Bob and then Carol, holds both, and has Bob's phone call Carol in her place. */
async function attended(
  stage: FlowStage,
  alice: Phone,
  bob: Phone,
  carol: Phone,
): Promise<readonly string[]> {
  const old = await consulted(stage, alice, bob, carol);
  const [first, bobs, second] = old;
  await stage.network.run(2000);
  await stage.patiently(second.hold());
  const { taken, fate } = await putThrough(stage, carol, () =>
    transferring.transfer(first, second),
  );
  return await partings(stage, fate, { old, between: [successorOf(bobs), taken] });
}

export const transferAttended: Flow = {
  title: "Alice asks Carol first, then puts Bob through to her",
  source: "RFC 5589 §7.5",
  words: [
    "Alice holds Bob, calls Carol, and asks whether she wants to talk to him. Then she has Bob's",
    "phone call Carol in her place: the Refer-To has a Replaces in it, and Carol's phone answers",
    "by itself. It is addressed by Carol's name, for her phone's own address need not lead there",
    "from outside of the dialog, and asks for a phone that can do that (Require).",
  ],
  towers: TOWERS,
  ends: PARTINGS,
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(() => attended(stage, alice, bob, carol));
  },
};

export const transferToDevice: Flow = {
  title: "Alice asks Carol first, then puts Bob through to the very phone that she spoke at",
  source: "RFC 5359 §2.5, RFC 5589 §7.3, §8",
  words: [
    "The same where each phone has an address of its own from the server (a GRUU): the Refer-To is",
    "Carol's, which leads to no other device, and the REFER goes beside the call (Target-Dialog).",
    "Carol's phone can see who wanted it: the Referred-By of the REFER is in Bob's INVITE, too.",
  ],
  differs: [
    "Referred-By has no signed token (§8, S/MIME): that",
    "may be left out, and takes certificates for people.",
  ],
  towers: TOWERS,
  ends: ["referred by: <sip:alice@house.example>", "called at: a GRUU", ...PARTINGS],
  async play(stage) {
    const { alice, bob, carol } = await threeDevices(stage);
    return await stage.scene(async () => {
      const ends = await attended(stage, alice, bob, carol);
      const by = lastSaid(stage, "carol", "INVITE", "Referred-By");
      const to = lastSaid(stage, "carol", "INVITE", "To") ?? "";
      const where = to.includes(";gr=") ? "a GRUU" : to;
      return [`referred by: ${by}`, `called at: ${where}`, ...ends];
    });
  },
};

const PROTECTED: readonly string[] = [
  "transfer: Transferred",
  "alice with bob: SIP_REPLACED by remote",
  "bob: SIP_REPLACED by remote",
  "alice to carol: SIP_TRANSFERRED by local",
  "carol: SIP_TRANSFERRED by remote",
  ...PARTINGS.slice(-2),
];

export const transferProtected: Flow = {
  title: "Alice asks Carol first, then has Carol take Bob's call",
  source: "RFC 5589 §7.2",
  words: [
    "The same with the REFER to Carol: hers calls Bob's, in place of Alice's.",
    "So Carol decides, and Bob learns no address of hers before she calls him.",
  ],
  differs: ["The REFER goes in the dialog of the call (§6.2):", "these phones have no GRUU."],
  towers: TOWERS,
  ends: PROTECTED,
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, { alice: {}, bob: {}, carol: FOLLOWS });
    return await stage.scene(async () => {
      const old = await consulted(stage, alice, bob, carol);
      const [first, , second, carols] = old;
      await stage.patiently(second.hold());
      const { taken, fate } = await putThrough(stage, bob, () =>
        transferring.transfer(second, first),
      );
      return await partings(stage, fate, { old, between: [successorOf(carols), taken] });
    });
  },
};

export const transferOtherWay: Flow = {
  title: "Bob's phone cannot be transferred, so Carol's is asked",
  source: "RFC 5589 §7.4",
  words: [
    "Bob's phone says that it knows no REFER: 501. Alice does not give up: she has Carol's asked",
    "to call Bob's instead.",
  ],
  differs: ["The REFERs go in the dialogs of the calls (§6.2):", "these phones have no GRUU."],
  towers: TOWERS,
  ends: ["first: SIP_REJECTED", ...PROTECTED],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, { alice: {}, bob: {}, carol: FOLLOWS });
    void knowsNoRefer(bob);
    return await stage.scene(async () => {
      const old = await consulted(stage, alice, bob, carol);
      const [first, , second, carols] = old;
      await stage.patiently(second.hold());
      const refused = await stage.patiently(fateOf(transferring.transfer(first, second)));
      const { taken, fate } = await putThrough(stage, bob, () =>
        transferring.transfer(second, first),
      );
      const between = [successorOf(carols), taken] as const;
      return [`first: ${refused}`, ...(await partings(stage, fate, { old, between }))];
    });
  },
};

/** Has a phone say to every REFER what one says that has never heard of the method. */
async function knowsNoRefer(phone: Phone): Promise<void> {
  for await (const wish of transferring.transfers(phone)) wish.refuse(501);
}

export const transferSemiAttended: Flow = {
  title: "Alice puts Bob through to Carol while Carol's phone still rings",
  source: "RFC 5589 §7.6, §11.2",
  words: [
    "Nobody can take the place of a call that rings at its callee's (RFC 3891): Alice's phone",
    "keeps the wish, and asks Bob's as soon as Carol has answered. So it asks at a gateway, too,",
    "where a CANCEL would race with a telephone that is picked up (§11.2).",
  ],
  differs: [
    "The REFER goes in the dialog of the call (§6.2).",
    "Figures 12 and 13, with a CANCEL, are those that the RFC advises against.",
  ],
  towers: TOWERS,
  ends: ["while it rings: Waiting", ...PARTINGS],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [bobs, first] = await stage.talk(bob, alice);
      await stage.patiently(first.hold());
      const [second, carols] = await stage.ringHeard(alice, carol);
      const transfer = transferring.transfer(first, second);
      const fated = fateLater(transfer);
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
  differs: ["The REFER goes in the dialog of the call (§6.2):", "these phones have no GRUU."],
  towers: TOWERS,
  ends: ["alice to carol: SIP_HUNG_UP by local", ...BLIND_ENDS],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const [first, bobs, second, carols] = await consulted(stage, alice, bob, carol);
      await stage.hangUp(second, carols);
      const ends = await blindly(stage, first, bobs, carol);
      return [...endsOf({ "alice to carol": second }), ...ends];
    });
  },
};
