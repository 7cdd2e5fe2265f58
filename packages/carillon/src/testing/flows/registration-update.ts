import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";

export const registrationUpdate: Flow = {
  title: "Another contact for the same person",
  source: "RFC 3665 §2.2",
  words: [
    "Bob is registered with one contact and adds a second one.",
    "The 200 lists both: the server adds to what it knows and takes nothing away.",
  ],
  ends: ["answer: 200", "server: 2 contacts"],
  async play(stage) {
    const { home, network } = stage;
    const bob = new Desk(stage, { user: "bob", address: "203.0.113.50" });
    await bob.register([["Contact", "<sip:bob@203.0.113.50:5060>"]]);
    stage.begin();
    const { status } = await bob.register([["Contact", "<sip:bob@203.0.113.50:5070>"]]);
    const { length } = home.location.bindings("bob", network.now);
    return [`answer: ${status}`, `server: ${length} contacts`];
  },
};
