/** Who has two calls at once, or a call of three. RFC 5359 §2.2, §2.10, §2.11. */

import { swap } from "../../ua/swap.ts";
import * as transferring from "../../ua/transferring.ts";
import { AUDIO, cast, consulted, dialogOf, endsOf, heldBy } from "./cast.ts";
import type { Flow } from "./flow.ts";

const TOWERS = ["alice", "server", "bob", "carol"];
const THREE = { alice: {}, bob: {}, carol: {} };

export const consultationHold: Flow = {
  title: "Alice asks Carol something while Bob waits",
  source: "RFC 5359 §2.2",
  words: [
    "Alice puts Bob on hold, calls Carol, hangs up with her, and takes Bob back.",
    "To go from one to the other and back she would swap the two.",
  ],
  differs: [
    "Alice is the RFC's Bob, and Bob its Alice. Before she hangs up with Carol she swaps the two:",
    "that holds Carol and takes Bob back, which the RFC has her do after Carol's BYE.",
  ],
  towers: TOWERS,
  ends: [
    "while she asks: bob ByThem, carol nobody",
    "swapped: bob nobody, carol ByThem",
    "then: bob nobody",
    "carol: SIP_HUNG_UP by remote",
    "bob: SIP_HUNG_UP by remote",
  ],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, THREE);
    return await stage.scene(async () => {
      const [first, bobs, second, carols] = await consulted(stage, alice, bob, carol);
      const asking = `while she asks: bob ${heldBy(bobs)}, carol ${heldBy(carols)}`;
      await stage.patiently(swap(second, first));
      const swapped = `swapped: bob ${heldBy(bobs)}, carol ${heldBy(carols)}`;
      await stage.hangUp(second, carols);
      const then = `then: bob ${heldBy(bobs)}`;
      await stage.hangUp(first, bobs);
      return [asking, swapped, then, ...endsOf({ carol: carols, bob: bobs })];
    });
  },
};

export const thirdPartyAdded: Flow = {
  title: "Alice adds Carol to her call with Bob",
  source: "RFC 5359 §2.10",
  words: [
    "Two calls, and Alice's phone mixes what it hears: she holds Bob while she calls Carol, and",
    "then holds nobody. The two others need not know, and go on by themselves when she hangs up",
    "with one.",
  ],
  differs: [
    "Alice is the RFC's Bob, and Bob its Alice. Her phone has one Contact in all of its calls, so",
    "that the re-INVITE that gives Bob that of the mixer, with isfocus, is not needed; she holds",
    "him instead, which the RFC allows in words.",
  ],
  towers: TOWERS,
  ends: [
    "together: bob nobody, carol nobody",
    "carol: SIP_HUNG_UP by remote",
    "without her: bob nobody",
    "bob: SIP_HUNG_UP by remote",
  ],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, THREE);
    return await stage.scene(async () => {
      const [first, bobs, second, carols] = await consulted(stage, alice, bob, carol);
      await stage.patiently(first.resume());
      const together = `together: bob ${heldBy(bobs)}, carol ${heldBy(carols)}`;
      await stage.network.run(3000);
      await stage.hangUp(second, carols);
      const without = `without her: bob ${heldBy(bobs)}`;
      await stage.hangUp(first, bobs);
      return [together, ...endsOf({ carol: carols }), without, ...endsOf({ bob: bobs })];
    });
  },
};

export const thirdPartyJoins: Flow = {
  title: "Carol joins the call of Alice and Bob",
  source: "RFC 5359 §2.11, RFC 3911",
  words: [
    "Bob has told Carol which call it is: she calls Alice with a Join that names it.",
    "Alice's phone rings with her, and mixes the three once Alice has answered.",
  ],
  differs: [
    "Alice and Bob have changed places: it is she who mixes. For the same reason as in §2.10 there",
    "is no re-INVITE with isfocus.",
  ],
  towers: TOWERS,
  ends: ["joins: the call with Bob", "carol: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by remote"],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, THREE);
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      const joining = transferring.joins(first);
      const carols = carol.call(alice.aor, AUDIO, transferring.joining(dialogOf(bobs)));
      const failed = carols.answered.then(() => new Promise<never>(() => {}));
      const { value: second } = await stage.patiently(Promise.race([joining.next(), failed]));
      await stage.patiently(second.answer());
      const joins = transferring.joinedBy(second) === first ? "the call with Bob" : "nothing";
      await stage.network.run(3000);
      await stage.hangUp(second, carols);
      await stage.hangUp(first, bobs);
      return [`joins: ${joins}`, ...endsOf({ carol: carols, bob: bobs })];
    });
  },
};
