import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callReInvite: Flow = {
  title: "Bob's media moves in the middle of a call",
  source: "RFC 3665 §3.7",
  words: [
    "Bob's media gets another address while they talk: he offers anew, in the same dialog.",
    "Alice's phone answers by itself, and nobody rings. The server stays in between.",
    "Bob's request is made by hand here; how phones change calls is in `ua/modification.test.ts`.",
  ],
  ends: ["re-INVITE: 200", "alice: SIP_HUNG_UP by local", "bob: SIP_HUNG_UP by remote"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const bob = await Desk.registered(stage, { user: "bob", address: "203.0.113.50" });
    stage.begin();
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(2000);
    const response = await bob.offerAgain("203.0.113.51");
    await stage.network.run(2000);
    await stage.hangUp(from, to);
    return [`re-INVITE: ${response.status}`, endOf("alice", from), endOf("bob", to)];
  },
};
