/** Transfers with more than three in them, or fewer. RFC 5589 §10, §11. */
import * as transferring from "../../ua/transferring.ts";
import { cast, endsOf, FOLLOWS, over, successorOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { DEVICE, putThrough } from "./transfer-scene.ts";

export const transferSeveral: Flow = {
  title: "Alice wants Fred: Bob gets him by way of Carol, and puts her through",
  source: "RFC 5589 §10",
  words: [
    'Alice to Bob: "Get Fred for me!" Bob holds her and calls Carol, who screens Fred\'s calls.',
    "She holds Bob, calls Fred, and puts Bob through to him. Bob holds Fred, and puts Alice",
    "through. Each REFER goes in a dialog of its own: every phone here has a GRUU.",
  ],
  differs: [
    "Alice, Bob, Carol and Fred are the RFC's Originator, Facilitator, Screener and Recipient.",
  ],
  towers: ["alice", "server", "bob", "carol", "fred"],
  ends: [
    "bob to fred: Transferred",
    "bob to carol: SIP_TRANSFERRED by remote",
    "carol: SIP_TRANSFERRED by local",
    "carol to fred: SIP_HUNG_UP by local",
    "alice to fred: Transferred",
    "alice to bob: SIP_TRANSFERRED by remote",
    "bob: SIP_TRANSFERRED by local",
    "bob to fred: SIP_HUNG_UP by local",
    "alice to fred: SIP_HUNG_UP by remote",
    "fred: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob, carol, fred } = await cast(stage, {
      alice: { ...DEVICE, ...FOLLOWS },
      bob: { ...DEVICE, ...FOLLOWS },
      carol: DEVICE,
      fred: DEVICE,
    });
    return await stage.scene(async () => {
      const [one, bobs] = await stage.talk(alice, bob);
      await stage.patiently(bobs.hold());
      const [two, carols] = await stage.talk(bob, carol);
      await stage.patiently(carols.hold());
      const [three, freds] = await stage.talk(carol, fred);
      await stage.patiently(three.hold());
      const first = await putThrough(stage, fred, () => transferring.transfer(carols, fred.aor));
      await over(stage, two, carols);
      await stage.hangUp(three, freds);
      const five = successorOf(two);
      await stage.patiently(five.hold());
      const second = await putThrough(stage, fred, () => transferring.transfer(bobs, fred.aor));
      await over(stage, one, bobs);
      await stage.hangUp(five, first.taken);
      const seven = successorOf(one);
      await stage.network.run(2000);
      await stage.hangUp(second.taken, seven);
      return [
        `bob to fred: ${first.fate}`,
        ...endsOf({ "bob to carol": two, carol: carols, "carol to fred": three }),
        `alice to fred: ${second.fate}`,
        ...endsOf({ "alice to bob": one, bob: bobs, "bob to fred": five }),
        ...endsOf({ "alice to fred": seven, fred: second.taken }),
      ];
    });
  },
};

export const gatewayHairpin: Flow = {
  title: "Alice puts a caller behind a gateway through to somebody behind the same one",
  source: "RFC 5589 §11.1",
  words: [
    "A gateway is a user agent, and transfers go as with any other. But the new call leaves the",
    "gateway and comes back to it, and it carries both sides of it (a hairpin) until they hang up:",
    "nothing in the INVITE says that the two calls belong together.",
  ],
  differs: [
    "The RFC draws no ladder here, and knows no remedy: it says that this may take extensions to",
    "come. Here is what it speaks of.",
  ],
  towers: ["alice", "server", "gateway"],
  ends: [
    "transfer: Transferred",
    "alice: SIP_TRANSFERRED by local",
    "gateway to alice: SIP_TRANSFERRED by remote",
    "gateway, out: SIP_HUNG_UP by remote",
    "gateway, in: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, gateway } = await cast(stage, { alice: {}, gateway: FOLLOWS });
    return await stage.scene(async () => {
      const [to, from] = await stage.talk(gateway, alice);
      await stage.patiently(from.hold());
      const { taken, fate } = await putThrough(stage, gateway, () =>
        transferring.transfer(from, gateway.aor),
      );
      await over(stage, from, to);
      const out = successorOf(to);
      await stage.network.run(2000);
      await stage.hangUp(taken, out);
      return [
        `transfer: ${fate}`,
        ...endsOf({ alice: from, "gateway to alice": to }),
        ...endsOf({ "gateway, out": out, "gateway, in": taken }),
      ];
    });
  },
};
