import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const registrationLeave: Flow = {
  title: "A phone signs off",
  source: "RFC 3665 §2.4, RFC 3261 §10.2.2",
  words: [
    "Bob closes the phone on his desk: it takes back its own contact and no other.",
    "His second device stays registered, and still rings.",
  ],
  ends: ["phone: Offline", "alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const desk = await stage.signedIn("bob");
    const second = await stage.signedIn("bob");
    stage.begin();
    stage.watched.delete(stage.home.hostOf(desk));
    await stage.network.until(desk.close());
    const [from, to] = await stage.talk(alice, second);
    await stage.hangUp(to, from);
    return [`phone: ${desk.state.name}`, endOf("alice", from), endOf("bob", to)];
  },
};
