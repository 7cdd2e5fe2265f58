import { expect, test } from "vitest";
import { type Description, originOf, parseSdp } from "./description.ts";
import { hasChanged, versioned } from "./origin-version.ts";

const sdp = (version: string, port: number, address = "192.0.2.1"): Description => {
  const head = `v=0\no=- 1 ${version} IN IP4 ${address}\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n`;
  const result = parseSdp(`${head}m=audio ${port} RTP/AVP 0\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

//= RFC 3311 §5.2
//# If a UA receives an UPDATE for an existing dialog, it MUST check any version identifiers in the
//# session description or, if there are no version identifiers, the content of the session
//# description to see if it has changed.
test("RFC 3311 §5.2: a description has changed by its version, or by what stands in it", () => {
  const before = sdp("4", 9);
  expect(hasChanged(sdp("4", 9), before)).toBe(false);
  expect(hasChanged(sdp("5", 9), before)).toBe(true);
  expect(hasChanged(sdp("4", 7), before)).toBe(true);
  expect(hasChanged(sdp("4", 9, "192.0.2.9"), before)).toBe(true);
});

//= RFC 3264 §8
//# When issuing an offer that modifies the session, the "o=" line of the new SDP MUST be identical
//# to that in the previous SDP, except that the version in the origin field MUST increment by one
//# from the previous SDP. If the version in the origin line does not increment, the SDP MUST be
//# identical to the SDP with that version number.
test("RFC 3264 §8: one higher where anything changed, and the same where nothing did", () => {
  const before = sdp("4", 9);
  expect(versioned(sdp("1", 7), before)).toEqual(sdp("5", 7));
  expect(versioned(sdp("9", 9), before)).toBe(before);
  const first = sdp("1", 9);
  expect(versioned(first, undefined)).toBe(first);
  const high = sdp(`${2n ** 62n}`, 9);
  expect(originOf(versioned(sdp("1", 7), high)).sessionVersion).toBe(`${2n ** 62n + 1n}`);
});

test("an o= line that is another's in any part is the caller's mistake", () => {
  const before = sdp("4", 9);
  const [version, origin, ...rest] = before.session;
  if (version?.kind !== "v" || origin?.kind !== "o") throw new Error("no o=");
  for (const other of [
    ...[{ username: "x" }, { sessionId: "2" }, { netType: "X" }, { addressType: "IP6" }],
    { address: "192.0.2.9" },
  ]) {
    const next = { ...before, session: [version, { ...origin, ...other }, ...rest] };
    expect(() => versioned(next, before)).toThrow(RangeError);
    expect(hasChanged(next, before)).toBe(true);
  }
});
