import { cast } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callServerRestarted: Flow = {
  title: "The server is started anew in the middle of a call",
  source: "RFC 3665 §3.4",
  words: [
    "In the RFC a proxy fails, and another one takes its place. A phone here knows one only,",
    "so it is that one which fails: it comes back at the same address and has forgotten the call.",
    "The call lives on, and Bob can hang up: the BYE brings all it takes along, signed.",
  ],
  ends: ["alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    const [from, to] = await stage.talk(alice, bob);
    // What the first server still had under way, its ACKs among them, is over by then.
    await stage.network.run(3000);
    stage.watched.delete(stage.home.server);
    stage.home.restart();
    stage.watched.set(stage.home.server, 1);
    await stage.network.run(1000);
    await stage.hangUp(to, from);
    return [endOf("alice", from), endOf("bob", to)];
  },
};
