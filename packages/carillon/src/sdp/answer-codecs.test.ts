import { describe, expect, test } from "vitest";
import {
  AUDIO,
  DTLS,
  example,
  local,
  media,
  OPUS,
  offered,
  PCMU,
  refusals,
  TONES,
  VIDEO,
} from "../testing/sdp-answers.ts";
import { answer, refusesAll } from "./answer.ts";
import { readAttribute } from "./attribute/attribute-type.ts";
import { rtpmap } from "./attribute/rtpmap.ts";
import { formatSdp } from "./description.ts";
import type { LocalCodec } from "./local-media.ts";

describe("RFC 3264 §6.1: formats", () => {
  test("the offerer's payload types, and our parameters", () => {
    const offer = offered(
      "m=audio 9 RTP/AVP 111 8 101 0",
      "a=rtpmap:111 OPUS/48000/2",
      "a=fmtp:111 minptime=10",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-11,16",
      "a=ptime:20",
    );
    expect(
      media(answer(offer, local([{ ...AUDIO, codecs: [PCMU, OPUS, TONES], ptimeMs: 20 }]))),
    ).toEqual([
      "m=audio 30000 RTP/AVP 111 101 0",
      "a=sendrecv",
      "a=rtpmap:111 OPUS/48000/2",
      "a=fmtp:111 useinbandfec=1",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-11",
      "a=rtpmap:0 PCMU/8000",
      "a=ptime:20",
    ]);
  });

  //= RFC 3264 §6.1
  //# If the answerer has no media formats in common for a particular offered stream, the answerer
  //# MUST reject that media stream by setting the port to zero.
  test("none in common, or only what goes with another", () => {
    const offer = (...lines: readonly string[]) =>
      answer(offered(...lines, "a=rtpmap:101 telephone-event/8000"), local([AUDIO]));
    expect(refusals(offer("m=audio 9 RTP/AVP 8 18"))).toEqual(["formats"]);
    expect(refusals(offer("m=audio 9 RTP/AVP 8 101"))).toEqual(["formats"]);
    expect(refusals(offer("m=audio 9 RTP/AVP 101"))).toEqual(["audio"]);
    expect(refusals(offer("m=audio 9 RTP/AVP 96"))).toEqual(["formats"]);
    expect(refusesAll(offer("m=audio 9 RTP/AVP 8"))).toBe(true);
    expect(refusesAll(offer("m=audio 9 RTP/AVP 0"))).toBe(false);
  });

  test("a payload type that is told twice is what it was first", () => {
    const offer = offered("m=audio 9 RTP/AVP 96 96", "a=rtpmap:96 PCMU/8000", "a=rtpmap:96 x/1");
    const [line] = answer(offer, local([AUDIO])).description.media;
    expect(line?.formats).toEqual(["96"]);
    expect(line && readAttribute(line.lines, rtpmap)?.encoding).toBe("PCMU");
  });

  test("retransmissions and redundancy go with what they protect", () => {
    const rtx: LocalCodec = { encoding: "rtx", clockRateHz: 90_000 };
    const vp8: LocalCodec = {
      encoding: "VP8",
      clockRateHz: 90_000,
      feedback: ["nack", "nack pli"],
    };
    const stream = { ...VIDEO, protos: ["UDP/TLS/RTP/SAVPF"], codecs: [vp8, rtx], ...DTLS };
    const [, section] = answer(example("chromium-offer"), local([stream])).description.media;
    expect(section?.formats).toEqual(["96", "97"]);
  });
});

//= RFC 6184 §8.2.2
//# The parameters identifying a media format configuration for H.264 are profile-level-id and
//# packetization-mode.
//= RFC 6184 §8.2.2
//# When level asymmetry is not allowed, level upgrade is not allowed, i.e., the default level in
//# the answer MUST be equal to or lower than the default level in the offer.
describe("RFC 6184 §8.2.2: H.264", () => {
  const h264 = (params: string): LocalCodec => ({ encoding: "H264", clockRateHz: 90_000, params });
  const answered = (ours: string, theirs: string) => {
    const offer = offered("m=video 9 RTP/AVP 96", "a=rtpmap:96 H264/90000", `a=fmtp:96 ${theirs}`);
    return media(answer(offer, local([{ ...VIDEO, codecs: [h264(ours)] }])))[3];
  };
  test.each([
    [
      "the lower level",
      "profile-level-id=42e028",
      "profile-level-id=42e01f",
      "profile-level-id=42e01f",
    ],
    [
      "ours is lower",
      "profile-level-id=42e00d",
      "profile-level-id=42e01f",
      "profile-level-id=42e00d",
    ],
    [
      "another spelling",
      "profile-level-id=42e01f",
      "profile-level-id=4d8028",
      "profile-level-id=42e01f",
    ],
    [
      "asymmetric: each its own",
      "profile-level-id=42e028;level-asymmetry-allowed=1",
      "level-asymmetry-allowed=1;profile-level-id=42e01f",
      "profile-level-id=42e028;level-asymmetry-allowed=1",
    ],
    ["another profile", "profile-level-id=42e01f", "profile-level-id=64001f", undefined],
    [
      "another mode",
      "profile-level-id=42e01f",
      "profile-level-id=42e01f;packetization-mode=1",
      undefined,
    ],
  ])("%s", (_, ours, theirs, expected) => {
    expect(answered(ours, theirs)).toBe(expected && `a=fmtp:96 ${expected}`);
  });
});

//= RFC 3264 §6.1
//# For streams marked as recvonly in the answer, the "m=" line MUST contain at least one media
//# format the answerer is willing to receive with from amongst those listed in the offer.
//= RFC 3264 §6.1
//# For streams marked as sendonly in the answer, the "m=" line MUST contain at least one media
//# format the answerer is willing to send from amongst those listed in the offer. For streams
//# marked as sendrecv in the answer, the "m=" line MUST contain at least one codec the answerer is
//# willing to both send and receive, from amongst those listed in the offer.
//= RFC 3264 §6.1
//# The media formats in the "m=" line MUST be listed in order of preference, with the first format
//# listed being preferred.
//= RFC 3264 §6.1
//# Although the answerer MAY list the formats in their desired order of preference, it is
//# RECOMMENDED that unless there is a specific reason, the answerer list formats in the same
//# relative order they were present in the offer.
test("RFC 3264 §6.1: of the offer what we have, in its order, whatever the direction", () => {
  const stream = { ...AUDIO, codecs: [PCMU, { encoding: "PCMA", clockRateHz: 8000 }] };
  for (const direction of ["recvonly", "sendonly", "sendrecv", "inactive"]) {
    const take = (...formats: readonly number[]) => {
      const offer = offered(`m=audio 9 RTP/AVP ${formats.join(" ")}`, `a=${direction}`);
      return answer(offer, local([stream])).description.media[0];
    };
    // RFC 3264 §6.1's own example: of 8, 22 and 48 those that we have, in that order.
    expect(take(8, 22, 0)?.formats).toEqual(["8", "0"]);
    expect(take(0, 22, 8)?.formats).toEqual(["0", "8"]);
    expect(take(22, 3)?.port).toBe(0);
  }
});

//= RFC 3264 §6.1
//# Even if the same payload type number is used, the answer MUST contain rtpmap attributes to
//# define the payload type mappings for dynamic payload types, and SHOULD contain mappings for
//# static payload types.
test("RFC 3264 §6.1: every format of an answer has its rtpmap", () => {
  const offer = offered("m=audio 9 RTP/AVP 0 111", "a=rtpmap:111 opus/48000/2");
  const ours = answer(offer, local([{ ...AUDIO, codecs: [OPUS, PCMU] }])).description;
  expect(formatSdp(ours).match(/a=rtpmap:.*/g)).toEqual([
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:111 opus/48000/2",
  ]);
});

//= RFC 3264 §6.1
//# In many cases, those parameters describe specific configurations of the media format, and should
//# therefore be processed as the media format value itself would be. This means that the same fmtp
//# parameters with the same values MUST be present in the answer if the media format they describe
//# is present in the answer.
test("RFC 3264 §6.1: parameters that make a format what it is come back as offered", () => {
  const answered = (encoding: string, theirs: string, ours: string | undefined) => {
    const offer = offered(
      ...["m=video 9 RTP/AVP 98", `a=rtpmap:98 ${encoding}/90000`, `a=fmtp:98 ${theirs}`],
    );
    const codec = {
      encoding,
      clockRateHz: 90_000,
      ...(ours === undefined ? {} : { params: ours }),
    };
    const { description } = answer(offer, local([{ ...VIDEO, codecs: [codec] }]));
    return formatSdp(description).match(/a=fmtp:98 (.*)\r/)?.[1];
  };
  // Ours are the same where nothing is said: RFC 9628 §6, RFC 6184 §8.1.
  expect(answered("VP9", "profile-id=0", undefined)).toBe("profile-id=0");
  expect(answered("VP9", "profile-id=2", "profile-id=2")).toBe("profile-id=2");
  expect(answered("VP9", "profile-id=2", undefined)).toBeUndefined();
  expect(answered("VP9", "max-fr=30", "max-fr=15")).toBe("max-fr=15");
  expect(
    answered("H264", "profile-level-id=42e01f;packetization-mode=0", "profile-level-id=42e01f"),
  ).toBe("profile-level-id=42e01f;packetization-mode=0");
});
