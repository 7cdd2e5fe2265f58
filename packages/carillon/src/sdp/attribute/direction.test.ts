import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import {
  answeredDirection,
  bothDirections,
  type Direction,
  directionLine,
  directionOf,
  heldDirection,
  receives,
  reversed,
  sends,
} from "./direction.ts";

const ALL: readonly Direction[] = ["sendrecv", "sendonly", "recvonly", "inactive"];

test("RFC 8866 §6.7: the section's own, else the session's, else sendrecv", () => {
  const line = directionLine;
  expect(directionOf([])).toBe("sendrecv");
  expect(directionOf([], [line("recvonly")])).toBe("recvonly");
  expect(directionOf([line("inactive")], [line("recvonly")])).toBe("inactive");
  expect(directionOf([line("inactive"), line("sendonly")])).toBe("sendonly");
  expect(directionOf([{ kind: "a", name: "__proto__", value: undefined }])).toBe("sendrecv");
});

//= RFC 3264 §6.1
//# If a stream is offered as sendonly, the corresponding stream MUST be marked as recvonly or
//# inactive in the answer.
//= RFC 3264 §6.1
//# If a media stream is listed as recvonly in the offer, the answer MUST be marked as sendonly or
//# inactive in the answer.
//= RFC 3264 §6.1
//# If an offered media stream is listed as inactive, it MUST be marked as inactive in the answer.
test("RFC 3264 §6.1: every offer with every wish", () => {
  const answers = ALL.map((offered) => [
    offered,
    ...ALL.map((wanted) => answeredDirection(offered, wanted)),
  ]);
  expect(answers).toEqual([
    ["sendrecv", "sendrecv", "sendonly", "recvonly", "inactive"],
    ["sendonly", "recvonly", "inactive", "recvonly", "inactive"],
    ["recvonly", "sendonly", "sendonly", "inactive", "inactive"],
    ["inactive", "inactive", "inactive", "inactive", "inactive"],
  ]);
});

//= RFC 3264 §8.4
//# If the stream to be placed on hold was previously a sendrecv media stream, it is placed on
//# hold by marking it as sendonly. If the stream to be placed on hold was previously a recvonly
//# media stream, it is placed on hold by marking it inactive.
test("RFC 3264 §8.4: on hold", () => {
  expect(ALL.map(heldDirection)).toEqual(["sendonly", "sendonly", "inactive", "inactive"]);
});

test("reversed twice is the same, and both allow no more than each", () => {
  const any = fc.constantFrom(...ALL);
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(reversed(reversed(a))).toBe(a);
      const both = bothDirections(a, b);
      expect([sends(both), receives(both)]).toEqual([
        sends(a) && sends(b),
        receives(a) && receives(b),
      ]);
      expect(ok(directionOf([directionLine(both)]))).toEqual(ok(both));
    }),
  );
});
