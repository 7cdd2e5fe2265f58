import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callSessionSetup: Flow = {
  title: "Session setup, as RFC 3261 tells it",
  source: "RFC 3261 §24.2",
  words: [
    "Alice is on a page in a browser (WebSocket), Bob has a phone (UDP): the server joins them.",
    "Bob answers, they talk, and Bob hangs up.",
  ],
  ends: ["alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const [alice, bob] = [await stage.signedIn("alice", "ws"), await stage.signedIn("bob")];
    stage.begin();
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(3000);
    await stage.hangUp(to, from);
    return [endOf("alice", from), endOf("bob", to)];
  },
};
