import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";

export const callCalleeOffline: Flow = {
  title: "The callee is offline, and another one does not exist",
  source: "RFC 3261 §16.5",
  words: [
    "Bob has no device registered: the server itself says 480.",
    "Of Dave it has never heard: 404.",
  ],
  ends: ["to bob: SIP_UNAVAILABLE by remote", "to dave: SIP_NOT_FOUND by remote"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    stage.begin();
    const bob = await stage.refused(() => alice.call("sip:bob@house.example"));
    const dave = await stage.refused(() => alice.call("sip:dave@house.example"));
    return [endOf("to bob", bob), endOf("to dave", dave)];
  },
};
