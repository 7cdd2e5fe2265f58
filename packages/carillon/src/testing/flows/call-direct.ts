import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

const [HERE, THERE] = ["203.0.113.50", "203.0.113.60"];

export const callDirect: Flow = {
  title: "A call between two phones, with no server",
  source: "RFC 3665 §3.1",
  words: [
    "Alice's phone knows the address of Bob's. Nobody stands between them, and nobody challenges.",
    "It rings, Bob answers, they talk, and Bob hangs up.",
  ],
  ends: ["alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const alice = new Desk(stage, { user: "alice", address: HERE, peer: THERE });
    const bob = new Desk(stage, { user: "bob", address: THERE, peer: HERE });
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(3000);
    await stage.hangUp(to, from);
    return [endOf("alice", from), endOf("bob", to)];
  },
};
