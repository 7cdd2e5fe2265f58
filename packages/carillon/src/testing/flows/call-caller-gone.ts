import { cast } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callCallerGone: Flow = {
  title: "The caller's device goes away in the middle of a call",
  source: "RFC 3261 §15.1.1",
  words: [
    "Alice's phone loses its power while they talk. Bob hears nothing any more and hangs up.",
    "Nobody answers the BYE. For Bob the call is over as soon as it is sent;",
    "the server repeats it for 32 seconds, and then nothing is left of the call anywhere.",
  ],
  ends: ["bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const { alice, bob } = await cast(stage, { alice: {}, bob: {} });
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(3000);
    const host = stage.home.hostOf(alice);
    host.close();
    stage.watched.delete(host);
    // She cannot know; it is her end, and it went with her phone.
    stage.calls.splice(stage.calls.indexOf(from), 1);
    to.hangUp();
    await stage.network.run(40_000);
    return [endOf("bob", to)];
  },
};
