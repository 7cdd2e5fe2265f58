import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callNoResponse: Flow = {
  title: "No response from the callee's device",
  source: "RFC 3665 §3.10",
  words: [
    "Bob's phone is registered, and dead: its plug has been pulled.",
    "The server repeats the INVITE for 32 seconds (timer B), and then tells Alice: 408.",
  ],
  ends: ["alice: SIP_TIMEOUT by remote or network"],
  async play(stage) {
    const [alice, bob] = [await stage.signedIn("alice"), await stage.signedIn("bob")];
    const host = stage.home.hostOf(bob);
    host.close();
    stage.watched.delete(host);
    stage.begin();
    const from = stage.keep(alice.call(bob.aor));
    await stage.network.until(from.ended);
    // Bad weather may have Alice's own timer B fire first; to her it is the same.
    return [endOf("alice", from).replace(/by (remote|network)/, "by remote or network")];
  },
};
