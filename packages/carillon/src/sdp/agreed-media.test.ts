import { describe, expect, test } from "vitest";
import type { Agreed } from "./agreed.ts";
import { agreedMedia } from "./agreed-media.ts";
import { type Description, parseSdp } from "./description.ts";

const at = (address: string, ...lines: readonly string[]): Description => {
  const head = `v=0\no=- 1 1 IN IP4 ${address}\ns=-\nc=IN IP4 ${address}\nt=0 0\n`;
  const result = parseSdp(`${head}${lines.join("\n")}\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const ours = (...lines: readonly string[]) => at("192.0.2.1", ...lines);
const theirs = (...lines: readonly string[]) => at("192.0.2.2", ...lines);
const sent = (local: Description, remote: Description, answerer: "local" | "remote") =>
  agreedMedia({ local, remote }, answerer).map(({ codecs }) =>
    codecs.map(({ payloadType, encoding }) => `${payloadType} ${encoding}`),
  );

describe("RFC 3264 §5.1, §6.1, §7: what is sent", () => {
  const here = ours("m=audio 9 RTP/AVP 96 0", "a=rtpmap:96 opus/48000/2");
  const there = theirs("m=audio 7 RTP/AVP 0 102 8", "a=rtpmap:102 opus/48000/2");

  //= RFC 3264 §5.1
  //# However, for sendonly and sendrecv streams, the answer might indicate different payload type
  //# numbers for the same codecs, in which case, the offerer MUST send with the payload type
  //# numbers from the answer.
  //= RFC 3264 §7
  //# It MUST send using a media format listed in the answer, and it SHOULD use the first media
  //# format listed in the answer when it does send.
  test("by the offerer: formats of the answer, under its numbers, its first one first", () => {
    expect(sent(here, there, "remote")).toEqual([["0 PCMU", "102 opus"]]);
    const [slot] = agreedMedia({ local: here, remote: there }, "remote");
    expect(slot?.codecs.map(({ receivePayloadType }) => receivePayloadType)).toEqual([0, 96]);
  });

  //= RFC 3264 §6.1
  //# The answerer MUST send using a media format in the offer that is also listed in the answer,
  //# and SHOULD send using the most preferred media format in the offer that is also listed in the
  //# answer. In the case of RTP, it MUST use the payload type numbers from the offer, even if they
  //# differ from those in the answer.
  test("by the answerer: formats of the offer, under its numbers, in its order", () => {
    expect(sent(here, there, "local")).toEqual([["0 PCMU", "102 opus"]]);
    expect(sent(there, here, "local")).toEqual([["96 opus", "0 PCMU"]]);
  });

  //= RFC 3264 §6
  //# If a stream is rejected, the offerer and answerer MUST NOT generate media (or RTCP packets)
  //# for that stream.
  test("RFC 3264 §6: nothing for a stream that either end rejected, and nowhere to send it", () => {
    const video = "m=video 5 RTP/AVP 31";
    for (const answerer of ["local", "remote"] as const) {
      for (const [a, b] of [
        [video, "m=video 0 RTP/AVP 31"],
        ["m=video 0 RTP/AVP 31", video],
      ] as const) {
        const [slot] = agreedMedia({ local: ours(a), remote: theirs(b) }, answerer);
        expect(slot).toMatchObject({ isActive: false, direction: "inactive", codecs: [] });
        expect(slot?.remote).toBeUndefined();
      }
    }
  });
});

//= RFC 3264 §8.3.2
//# as soon as it sends its answer, the answerer MUST begin sending media using any formats in the
//# offer that were also present in the answer, and SHOULD use the most preferred format in the
//# offer that was also listed in the answer (assuming the stream allows for sending), and MUST NOT
//# send using any formats that are not in the offer, even if they were present in a previous SDP
//# from the peer. Similarly, when the offerer receives the answer, it MUST begin sending media
//# using any formats in the answer, and SHOULD use the most preferred one (assuming the stream
//# allows for sending), and MUST NOT send using any formats that are not in the answer, even if
//# they were present in a previous SDP from the peer.
//= RFC 3264 §8.3.4
//# Generally, an agent MUST send media (if the directionality of the stream allows) using the new
//# parameters once the SDP with the change is received.
test("RFC 3264 §8.3: after another exchange its formats, parameters and address, no others", () => {
  const first: Agreed = {
    local: ours("m=audio 9 RTP/AVP 0 8 96", "a=rtpmap:96 opus/48000/2"),
    remote: theirs(
      ...["m=audio 7 RTP/AVP 0 8 96", "a=rtpmap:96 opus/48000/2", "a=fmtp:96 usedtx=0"],
    ),
  };
  const next: Agreed = {
    local: ours("m=audio 9 RTP/AVP 96 8", "a=rtpmap:96 opus/48000/2"),
    remote: at(
      "192.0.2.7",
      "m=audio 6 RTP/AVP 96",
      "a=rtpmap:96 opus/48000/2",
      "a=fmtp:96 usedtx=1",
    ),
  };
  for (const answerer of ["local", "remote"] as const) {
    expect(agreedMedia(first, answerer)[0]?.codecs.map((codec) => codec.payloadType)).toEqual([
      0, 8, 96,
    ]);
    const [slot] = agreedMedia(next, answerer);
    expect(slot?.codecs.map(({ payloadType, params }) => [payloadType, params])).toEqual([
      [96, "usedtx=1"],
    ]);
    expect(slot?.remote).toEqual({ address: "192.0.2.7", port: 6 });
  }
});
