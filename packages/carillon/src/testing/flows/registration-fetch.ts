import { headerLines } from "../../message/headers.ts";
import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";

export const registrationFetch: Flow = {
  title: "Asking for the current contacts",
  source: "RFC 3665 §2.3",
  words: [
    "Bob has two devices. A REGISTER without a Contact changes nothing, it only asks.",
    "Phones of this library never ask; the request here is made by hand.",
  ],
  ends: ["answer: 200 with 2 contacts"],
  async play(stage) {
    await stage.signedIn("bob");
    await stage.signedIn("bob", "ws");
    stage.begin();
    const bob = new Desk(stage, { user: "bob", address: "203.0.113.50" });
    const response = await bob.register([]);
    const { length } = headerLines(response, "Contact");
    return [`answer: ${response.status} with ${length} contacts`];
  },
};
