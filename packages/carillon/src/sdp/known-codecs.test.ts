import { expect, test } from "vitest";
import type { Codec } from "./codec.ts";
import { type Description, parseSdp } from "./description.ts";
import { knownIn, knownWith } from "./known-codecs.ts";

const sdp = (...media: readonly string[]): Description => {
  const head = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";
  const result = parseSdp(`${head}${media.join("\n")}\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const told = (codecs: readonly Codec[]) =>
  codecs.map(({ payloadType, encoding }) => `${payloadType} ${encoding}`);

const local = sdp("m=audio 9 RTP/AVP 96 0", "a=rtpmap:96 opus/48000/2");
const remote = sdp("m=audio 9 RTP/AVP 97 8", "a=rtpmap:97 speex/8000");
const [pcma, g722] = [
  { payloadType: 46, encoding: "PCMA", clockRateHz: 8000, channels: 1, params: undefined },
  { payloadType: 96, encoding: "G722", clockRateHz: 8000, channels: 1, params: undefined },
] as const;

//= RFC 3264 §8.3.2
//# the mapping from a particular dynamic payload type number to a particular codec within that
//# media stream MUST NOT change for the duration of a session.
test("RFC 3264 §8.3.2: ours, the peer's, and those before; of one number the newest", () => {
  const before = { local, remote };
  expect(told(knownIn(0, before, [[pcma, g722]]))).toEqual([
    ...["96 opus", "0 PCMU", "97 speex", "8 PCMA", "46 PCMA"],
  ]);
  expect(knownIn(1, before, [[pcma]])).toEqual([]);
  expect(told(knownIn(0, undefined, [[pcma, g722]]))).toEqual(["46 PCMA", "96 G722"]);
  expect(knownIn(0, undefined, undefined)).toEqual([]);
});

test("what is said now comes first, and a slot without a stream begins anew", () => {
  const now = sdp("m=audio 9 RTP/AVP 98", "a=rtpmap:98 G722/8000", "m=video 0 RTP/AVP 31");
  const known = knownWith(now, { local, remote }, [[pcma], [g722]]);
  expect(known.map(told)).toEqual([
    ["98 G722", "96 opus", "0 PCMU", "97 speex", "8 PCMA", "46 PCMA"],
    [],
  ]);
});
