import type { Flow } from "./flow.ts";
import { becomes } from "./flow-stage.ts";

export const registrationRefused: Flow = {
  title: "An unsuccessful registration",
  source: "RFC 3665 §2.5",
  words: [
    "Bob's phone has a wrong password. What it computes does not fit, and it is challenged again.",
    "The same answer would not fit any better: the phone gives up and says why.",
  ],
  ends: ["phone: Failed, SIP_UNAUTHORIZED", "server: 0 devices"],
  async play(stage) {
    const { home, network } = stage;
    const bob = stage.phone("bob", "udp", { password: "not the right one" });
    bob.register().catch(() => {});
    await network.until(becomes(bob, "Failed"), 600_000);
    const { length } = home.location.bindings("bob", network.now);
    const { state } = bob;
    return [`phone: ${state.name}, ${state.error?.code}`, `server: ${length} devices`];
  },
};
