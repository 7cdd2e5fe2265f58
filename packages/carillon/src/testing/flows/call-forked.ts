import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callForked: Flow = {
  title: "Two devices ring, one is answered",
  source: "RFC 3261 §16.7",
  words: [
    "Bob has two devices; the server rings both. He answers one.",
    "The other one is told to stop, and why: answered elsewhere (Reason, RFC 3326).",
  ],
  ends: [
    "alice: SIP_HUNG_UP by remote",
    "bob: SIP_HUNG_UP by local",
    "bob-2: SIP_ANSWERED_ELSEWHERE by remote",
  ],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const [desk, second] = [await stage.signedIn("bob"), await stage.signedIn("bob")];
    stage.begin();
    const [from, here, there] = await stage.talk(alice, desk, second);
    await stage.network.run(3000);
    await stage.hangUp(here, from);
    await stage.network.until(there.ended);
    return [endOf("alice", from), endOf("bob", here), endOf("bob-2", there)];
  },
};
