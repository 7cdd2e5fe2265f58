import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";

export const registrationCancel: Flow = {
  title: "Cancellation of every registration",
  source: "RFC 3665 §2.4",
  words: [
    "Contact: * with Expires: 0 takes back all of Bob's devices at once, his phone among them.",
    "A phone that is closed takes back its own contact only; this request is made by hand.",
  ],
  ends: ["answer: 200", "server: 0 devices"],
  async play(stage) {
    const { home, network } = stage;
    await stage.signedIn("bob");
    const bob = new Desk(stage, { user: "bob", address: "203.0.113.50" });
    stage.begin();
    const { status } = await bob.register([
      ["Contact", "*"],
      ["Expires", "0"],
    ]);
    const { length } = home.location.bindings("bob", network.now);
    return [`answer: ${status}`, `server: ${length} devices`];
  },
};
