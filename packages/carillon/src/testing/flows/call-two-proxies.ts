import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";
import { aliceAtTheOffice, OFFICE } from "./office.ts";

export const callTwoProxies: Flow = {
  title: "A call through two proxies",
  source: "RFC 3665 §3.2",
  words: [
    "Alice calls from her office, whose proxy sends everything on. It asks who she is: 407.",
    "Bob's server trusts that proxy. Both stay in the dialog: each ACK and BYE goes through both.",
    "Bob hangs up.",
  ],
  towers: ["alice", "office", "server", "bob"],
  trusted: OFFICE,
  ends: ["alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const [alice, bob] = [aliceAtTheOffice(stage), await stage.signedIn("bob")];
    stage.begin();
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(3000);
    await stage.hangUp(to, from);
    return [endOf("alice", from), endOf("bob", to)];
  },
};
