import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";
import { gateway, redirectServer } from "./redirection.ts";

export const callRedirected: Flow = {
  title: "Bob has moved, and the caller makes no offer",
  source: "RFC 3665 §3.6",
  words: [
    "Alice calls Bob's old address. The server there redirects: 302, with his new one.",
    "Her gateway follows, and leaves the offer to Bob: it is in his 200, the answer in the ACK.",
  ],
  towers: ["alice", "directory", "server", "bob"],
  ends: ["alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    redirectServer(stage);
    const [alice, bob] = [gateway(stage), await stage.signedIn("bob")];
    stage.begin();
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(3000);
    await stage.hangUp(to, from);
    return [endOf("alice", from), endOf("bob", to)];
  },
};
