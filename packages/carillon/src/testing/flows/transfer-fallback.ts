/** Attended transfers that do not work as meant, and what works then. RFC 5589 §7.5, §7.7. */

import { hasHeader } from "../../message/headers.ts";
import type { Policy } from "../../roles/policy.ts";
import * as transferring from "../../ua/transferring.ts";
import { consulted, dialogOf, endsOf, fateOf, successorOf } from "./cast.ts";
import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";
import { inPlaceOf } from "./taken-over.ts";
import {
  BLIND_ENDS,
  blindly,
  PARTINGS,
  partings,
  putThrough,
  TOWERS,
  three,
  twoFollowing,
} from "./transfer-scene.ts";

/** Alice, Bob, and Carol at a device that was made before RFC 3891. */
async function older(stage: FlowStage) {
  const address = "203.0.113.50";
  const carol = await Desk.registered(stage, { user: "carol", address, without: "replaces" });
  return { ...(await twoFollowing(stage)), carol };
}

export const fallbackAtOnce: Flow = {
  title: "Carol's phone cannot take another's place, and says so when it is called",
  source: "RFC 5589 §7.7, figure 14",
  words: [
    "Alice means to put Bob through to Carol, and calls Carol with Require: replaces. Carol's",
    "phone knows no Replaces: 420. So Alice does not talk to her, and puts Bob through at once.",
  ],
  differs: [
    "There is no OPTIONS: that Bob's phone takes a REFER",
    "its INVITEs and 200s say (Allow).",
  ],
  towers: TOWERS,
  ends: ["alice to carol: SIP_REJECTED by remote, 420", ...BLIND_ENDS],
  async play(stage) {
    const { alice, bob, carol } = await older(stage);
    return await stage.scene(async () => {
      const [bobs, first] = await stage.talk(bob, alice);
      await stage.patiently(first.hold());
      const second = await stage.refused(() => alice.call(`${carol.aor}?Require=replaces`));
      const { status } = await second.ended;
      const ends = await blindly(stage, first, bobs, carol);
      return [`${endOf("alice to carol", second)}, ${status}`, ...ends];
    });
  },
};

export const fallbackLater: Flow = {
  title: "Carol's phone cannot take another's place, which shows only when Bob's tries",
  source: "RFC 5589 §7.7, figure 15",
  words: [
    "Alice has talked to Carol, and asks Bob's phone to call her in Alice's place. Carol's refuses",
    "that with 420, of which Alice's hears by the NOTIFY. The two calls go on. She hangs up with",
    "Carol, and has Bob's phone call her as anybody does.",
  ],
  differs: [
    "The RFC's Alice asks both phones before what they",
    "know (OPTIONS within the calls); hers here tries, and learns the same. The REFERs go in the",
    "dialog of the call (§6.2): these phones have no GRUU.",
  ],
  towers: TOWERS,
  ends: [
    "attended: SIP_REJECTED",
    "bob in alice's place: SIP_REJECTED by remote",
    "alice to carol: SIP_HUNG_UP by local",
    ...BLIND_ENDS,
  ],
  async play(stage) {
    const { alice, bob, carol } = await older(stage);
    return await stage.scene(async () => {
      const [first, bobs, second, carols] = await consulted(stage, alice, bob, carol);
      await stage.patiently(second.hold());
      const fate = await stage.patiently(fateOf(transferring.transfer(first, second)));
      const tried = successorOf(bobs);
      await stage.hangUp(second, carols);
      const ends = await blindly(stage, first, bobs, carol);
      return [
        `attended: ${fate}`,
        ...endsOf({ "bob in alice's place": tried, "alice to carol": second }),
        ...ends,
      ];
    });
  },
};

/** Nobody takes another's place at Carol's by her name; her phone's address is open to all. */
const SCREENING: Policy = {
  relay: () => true,
  route: ({ uri, request, isOurs }) =>
    isOurs && uri.user === "carol" && hasHeader(request, "Replaces")
      ? { kind: "Refuse", status: 403, why: "Nobody takes another's place here" }
      : undefined,
};

export const retriedAtContact: Flow = {
  title:
    "The house stops the call in Alice's place, so Bob's phone calls Carol's at its own address",
  source: "RFC 5589 §7.5, figure 10",
  words: [
    "Bob's phone calls Carol by her name, in Alice's place; the screening proxy refuses that:",
    "403. Alice hears of it, and asks once more, with the address from Carol's Contact. The",
    "second REFER of the dialog has a subscription of its own, told by the id in Event (RFC 3515",
    "§2.4.6).",
  ],
  towers: TOWERS,
  policy: SCREENING,
  ends: ["by her name: SIP_FORBIDDEN", ...PARTINGS],
  async play(stage) {
    const { alice, bob, carol } = await three(stage);
    return await stage.scene(async () => {
      const old = await consulted(stage, alice, bob, carol);
      const [first, bobs, second] = old;
      await stage.patiently(second.hold());
      const refused = await stage.patiently(fateOf(transferring.transfer(first, second)));
      const there = inPlaceOf(second, dialogOf(second).remoteTarget);
      const { taken, fate } = await putThrough(stage, carol, () =>
        transferring.transfer(first, there),
      );
      const between = [successorOf(bobs), taken] as const;
      return [`by her name: ${refused}`, ...(await partings(stage, fate, { old, between }))];
    });
  },
};
