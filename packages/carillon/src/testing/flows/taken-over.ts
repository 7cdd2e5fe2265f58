/** Calls that others take: parked, picked up, handed on by a message, dialled by a click. */

import { formatReplaces } from "../../message/header/replaces.ts";
import type { Call } from "../../ua/call.ts";
import { mirrored } from "../../ua/claim.ts";
import * as transferring from "../../ua/transferring.ts";
import { escapeUriHeader } from "../../uri/escape.ts";
import { AUDIO, cast, dialled, dialogOf, endsOf, over, wishAt } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { dialogAt, tellsDialogs } from "./watching.ts";

const TOWERS = ["alice", "server", "bob", "carol"];

/** A URI that calls the other side of this call, in its place. */
export function inPlaceOf(call: Call, aor: string): string {
  const replaces = formatReplaces({ ...mirrored(dialogOf(call)), earlyOnly: false });
  return `${aor}?Replaces=${escapeUriHeader(replaces)}&Require=replaces`;
}

export const transferByMessage: Flow = {
  title: "Bob hands his call on by a message",
  source: "RFC 5359 §2.6",
  words: [
    "Bob wants Carol to take his call with Alice. He writes her a URI that names Alice and the",
    "call. She clicks on it: her phone calls Alice, whose phone answers it in place of Bob's.",
  ],
  towers: TOWERS,
  ends: [
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_REPLACED by remote",
    "alice to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, { alice: {}, bob: {}, carol: {} });
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      const written = carol.messages();
      const sent = bob.message(carol.aor, inPlaceOf(bobs, alice.aor));
      const [{ value: message }] = await stage.patiently(Promise.all([written.next(), sent]));
      message.accept?.();
      void written.return?.();
      const [carols, taken] = await dialled(stage, alice, () => carol.call(message.body, AUDIO));
      await over(stage, first, bobs);
      await stage.hangUp(carols, taken);
      return endsOf({ "alice to bob": first, bob: bobs, "alice to carol": taken, carol: carols });
    });
  },
};

export const callPickup: Flow = {
  title: "Carol picks up the call that rings at Bob's",
  source: "RFC 5359 §2.16",
  words: [
    "Bob's phone rings and he is not there. Carol's phone asks it which call that is (SUBSCRIBE",
    "with Expires: 0: one answer, and no more), and calls Alice in its place, while it rings",
    "(early-only). Alice's phone takes hers and gives the other up.",
  ],
  differs: [
    "Carol is the RFC's Bill, and it is she who hangs up in the end.",
    "She calls Alice by her name, as every call through this server goes; the RFC has her GRUU.",
  ],
  towers: TOWERS,
  ends: [
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_CANCELLED by remote",
    "alice to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, { alice: {}, bob: {}, carol: {} });
    tellsDialogs(bob, carol);
    return await stage.scene(async () => {
      const [first, bobs] = await stage.ringHeard(alice, bob);
      const { peer, dialog } = await dialogAt(stage, carol, bob, "early");
      const replaces = { ...dialog, earlyOnly: true };
      const pick = () => carol.call(peer, AUDIO, transferring.replacing(replaces));
      const [carols, taken] = await dialled(stage, alice, pick);
      await over(stage, first, bobs);
      await stage.hangUp(carols, taken);
      return endsOf({ "alice to bob": first, bob: bobs, "alice to carol": taken, carol: carols });
    });
  },
};

export const callPark: Flow = {
  title: "Bob parks his call, and Carol takes it from there",
  source: "RFC 5359 §2.15",
  words: [
    "Bob asks the phone at the park to call Alice in his place: a REFER outside of every call.",
    "Hers answers by itself and waits there. Carol's phone asks the park's which call that is",
    "(SUBSCRIBE with Expires: 0), and takes the call in its place.",
  ],
  differs: [
    "Bob learns from the NOTIFY that the call is parked, and no more: it has the status line",
    "alone. In the RFC its body also names the park's dialog; Bob has no use for that here. In",
    "the end Carol hangs up; the RFC ends before.",
  ],
  towers: ["alice", "server", "bob", "park", "carol"],
  ends: [
    "parking: Transferred",
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_REPLACED by remote",
    "alice at the park: SIP_REPLACED by remote",
    "park: SIP_REPLACED by remote",
    "alice to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const parts = { alice: {}, bob: {}, park: {}, carol: {} };
    const { alice, bob, park, carol } = await cast(stage, parts);
    tellsDialogs(park, carol);
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      const ask = () => transferring.refer(bob, park.aor, inPlaceOf(bobs, alice.aor));
      const [wish, asked] = await wishAt(stage, park, ask);
      const [parks, waiting] = await dialled(stage, alice, () => wish.accept() as Call);
      const parking = await stage.patiently(asked);
      await over(stage, first, bobs);
      await stage.network.run(5000);
      const { peer, dialog } = await dialogAt(stage, carol, park, "confirmed");
      const fetch = () => carol.call(peer, AUDIO, transferring.replacing(dialog));
      const [carols, taken] = await dialled(stage, alice, fetch);
      await over(stage, waiting, parks);
      await stage.hangUp(carols, taken);
      return [
        `parking: ${parking}`,
        ...endsOf({ "alice to bob": first, bob: bobs, "alice at the park": waiting, park: parks }),
        ...endsOf({ "alice to carol": taken, carol: carols }),
      ];
    });
  },
};

export const clickToDial: Flow = {
  title: "A click in Alice's browser has Bob's phone call Carol",
  source: "RFC 5359 §2.18",
  words: [
    "Alice's page sends a REFER outside of every call, to the phone on the desk.",
    "Whoever is there agrees to it. The page does not want to hear how the call goes: Refer-Sub is",
    "false (RFC 4488), and no NOTIFY comes.",
  ],
  differs: ["In the end Bob hangs up; the RFC ends before."],
  towers: TOWERS,
  ends: ["the click: Accepted", "bob: SIP_HUNG_UP by local", "carol: SIP_HUNG_UP by remote"],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, { alice: { way: "ws" }, bob: {}, carol: {} });
    return await stage.scene(async () => {
      const ask = () => transferring.refer(alice, bob.aor, carol.aor, { reports: false });
      const [wish, asked] = await wishAt(stage, bob, ask);
      const [bobs, carols] = await dialled(stage, carol, () => wish.accept() as Call);
      const click = await stage.patiently(asked);
      await stage.network.run(2000);
      await stage.hangUp(bobs, carols);
      return [`the click: ${click}`, ...endsOf({ bob: bobs, carol: carols })];
    });
  },
};
