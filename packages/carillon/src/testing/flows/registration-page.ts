import type { Flow } from "./flow.ts";

export const registrationPage: Flow = {
  title: "Registration, as RFC 3261 tells it",
  source: "RFC 3261 §24.1",
  words: [
    "Bob's phone registers when it starts; over a WebSocket here, where nothing is ever lost.",
    "The connection is what the server keeps: it is the only way back to a page.",
  ],
  ends: ["phone: Registered", "server: 1 device"],
  async play(stage) {
    const bob = stage.phone("bob", "ws");
    await stage.registered(bob);
    const { home, network } = stage;
    const { length } = home.location.bindings("bob", network.now);
    return [`phone: ${bob.state.name}`, `server: ${length} device`];
  },
};
