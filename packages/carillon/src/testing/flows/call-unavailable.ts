import { cast } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callUnavailable: Flow = {
  title: "Temporarily unavailable",
  source: "RFC 3665 §3.11",
  words: ["Bob's phone is there, but takes no calls now: 480, all the way back to Alice."],
  ends: ["alice: SIP_UNAVAILABLE by remote"],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    // Nobody listens for Bob's calls.
    const from = await stage.refused(() => alice.call(bob.aor));
    return [endOf("alice", from)];
  },
};
