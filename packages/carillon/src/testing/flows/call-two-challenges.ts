import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";
import { aliceAtTheOffice } from "./office.ts";

export const callTwoChallenges: Flow = {
  title: "A call through two proxies that both want to know",
  source: "RFC 3665 §3.3",
  words: [
    "The same, but Bob's server trusts nobody. It challenges, too; the office carries that back.",
    "The third INVITE has a proof for each. Each proxy takes out its own and looks at no other.",
  ],
  towers: ["alice", "office", "server", "bob"],
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
