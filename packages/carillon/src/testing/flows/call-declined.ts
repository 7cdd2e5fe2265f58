import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callDeclined: Flow = {
  title: "Declined",
  source: "RFC 3261 §21.6.2",
  words: [
    "Bob looks at the name on the display and declines: 603, for all of his devices.",
    "His other one stops ringing.",
  ],
  ends: [
    "alice: SIP_DECLINED by remote",
    "bob: SIP_DECLINED by local",
    "bob-2: SIP_CANCELLED by remote",
  ],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const [desk, second] = [await stage.signedIn("bob"), await stage.signedIn("bob")];
    stage.begin();
    const [from, here, there] = await stage.ring(alice, desk, second);
    await stage.network.run(2000);
    here.decline();
    await stage.network.until(Promise.all([from.ended, there.ended]), 600_000);
    return [endOf("alice", from), endOf("bob", here), endOf("bob-2", there)];
  },
};
