import { cast } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callNoAnswer: Flow = {
  title: "No answer: the caller gives up",
  source: "RFC 3665 §3.8",
  words: [
    "Bob's phone rings and rings. After five seconds Alice takes the call back.",
    "CANCEL is answered by the next one on the way, each in turn; the INVITE itself ends with 487.",
  ],
  ends: ["alice: SIP_HUNG_UP by local", "bob: SIP_CANCELLED by remote"],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    const [from, to] = await stage.ringHeard(alice, bob);
    await stage.network.run(5000);
    await stage.hangUp(from, to);
    return [endOf("alice", from), endOf("bob", to)];
  },
};
