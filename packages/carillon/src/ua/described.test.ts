import { expect, test } from "vitest";
import { holds } from "./described.ts";

const description = (...lines: readonly string[]): string => ["v=0", ...lines, ""].join("\r\n");

//= RFC 3264 §8.4
//# An agent MUST be capable of receiving SDP with a connection address of 0.0.0.0, in which case it
//# means that neither RTP nor RTCP should be sent to the peer.
test("RFC 3264 §8.4: who names no address holds, for the session or for each of its media", () => {
  expect(holds(description("c=IN IP4 0.0.0.0", "m=audio 9 RTP/AVP 0"))).toBe(true);
  expect(holds(description("m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0"))).toBe(true);
  expect(holds(description("m=audio 9 RTP/AVP 0", "c=IN IP4 192.0.2.1"))).toBe(false);
});

//= RFC 8840 §4.1.4
//# In case of a "m/c=" line with default values, none of the eventually trickled candidates will
//# match the default destination.
test("RFC 8840 §4.1.4: who has told no candidate yet does not hold", () => {
  const trickled = ["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=ice-ufrag:8hhY"];
  expect(holds(description(...trickled))).toBe(false);
  expect(holds(description(...trickled, "a=sendonly"))).toBe(true);
});
