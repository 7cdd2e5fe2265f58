import type { Flow } from "./flow.ts";

export const registrationNew: Flow = {
  title: "A new registration",
  source: "RFC 3665 §2.1",
  words: [
    "Bob's phone tells the server where it is.",
    "The server cannot know that this is Bob: it challenges, and the phone proves it with digest.",
    "The 200 lists all devices that Bob has now, and for how long.",
  ],
  ends: ["phone: Registered", "server: 1 device"],
  async play(stage) {
    const bob = stage.phone("bob");
    await stage.registered(bob);
    const { home, network } = stage;
    const { length } = home.location.bindings("bob", network.now);
    return [`phone: ${bob.state.name}`, `server: ${length} device`];
  },
};
