import { cast } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callChallenged: Flow = {
  title: "A call through the server, which wants to know who calls",
  source: "RFC 3665 §3.4, F8 to F23",
  words: [
    "Alice calls Bob. The server takes nothing from strangers: 407; the call comes again, signed.",
    "It stays in the dialog (Record-Route): ACK and BYE go through it, too.",
  ],
  ends: ["alice: SIP_HUNG_UP by local", "bob: SIP_HUNG_UP by remote"],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(3000);
    await stage.hangUp(from, to);
    return [endOf("alice", from), endOf("bob", to)];
  },
};
