import { cast, heldBy } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callHold: Flow = {
  title: "Alice puts Bob on hold, and takes him back",
  source: "RFC 5359 §2.1",
  words: [
    "Alice's phone offers anew, with a=sendonly: Bob's answers recvonly, and sends nothing more.",
    "Later it offers as before. What goes on between the two finds its way by the dialog's route.",
  ],
  ends: [
    "held: alice ByUs, bob ByThem",
    "resumed: alice nobody, bob nobody",
    "alice: SIP_HUNG_UP by local",
    "bob: SIP_HUNG_UP by remote",
  ],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(2000);
    await stage.network.until(from.hold(), 200_000);
    const held = `held: alice ${heldBy(from)}, bob ${heldBy(to)}`;
    await stage.network.run(5000);
    await stage.network.until(from.resume(), 200_000);
    const resumed = `resumed: alice ${heldBy(from)}, bob ${heldBy(to)}`;
    await stage.network.run(2000);
    await stage.hangUp(from, to);
    return [held, resumed, endOf("alice", from), endOf("bob", to)];
  },
};
