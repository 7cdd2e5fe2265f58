import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callBusy: Flow = {
  title: "Busy",
  source: "RFC 3665 §3.9",
  words: [
    "Bob's phone is on another call and says so: 486.",
    "The server acknowledges it at once, and passes it on as the best answer that there was.",
  ],
  ends: ["alice: SIP_BUSY by remote"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const options = { user: "bob", address: "203.0.113.50", refusal: 486 };
    const bob = await Desk.registered(stage, options);
    stage.begin();
    const from = await stage.refused(() => alice.call(bob.aor));
    return [endOf("alice", from)];
  },
};
