import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { type Answer, answer, refusesAll } from "./answer.ts";
import { readAttribute } from "./attribute/attribute-type.ts";
import { rtpmap } from "./attribute/rtpmap.ts";
import { type Description, formatSdp, parseSdp } from "./description.ts";
import type { LocalCodec, LocalMedia, LocalStream } from "./local-media.ts";

const example = (name: string): Description => {
  const text = fromBytes(readFileSync(new URL(`./examples/${name}.sdp`, import.meta.url)));
  return sdp(text);
};
const sdp = (text: string): Description => {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(`${result.error.message} at ${result.error.offset}`);
  return result.value;
};
const HEAD = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";
const offered = (...lines: readonly string[]): Description => sdp(`${HEAD}${lines.join("\n")}\n`);

const PCMU: LocalCodec = { encoding: "PCMU", clockRateHz: 8000 };
const TONES: LocalCodec = { encoding: "telephone-event", clockRateHz: 8000, params: "0-15" };
const OPUS: LocalCodec = {
  encoding: "opus",
  clockRateHz: 48_000,
  channels: 2,
  params: "useinbandfec=1",
  feedback: ["transport-cc"],
};
const H261: LocalCodec = { encoding: "H261", clockRateHz: 90_000 };
const AUDIO: LocalStream = {
  media: "audio",
  protos: ["RTP/AVP"],
  port: 30_000,
  codecs: [PCMU, TONES],
};
const VIDEO: LocalStream = { media: "video", protos: ["RTP/AVP"], port: 30_002, codecs: [H261] };
const local = (streams: readonly LocalStream[], more: Partial<LocalMedia> = {}): LocalMedia => ({
  origin: {
    username: "bob",
    sessionId: "2890844730",
    sessionVersion: "2890844730",
    netType: "IN",
    addressType: "IP4",
    address: "host.example.com",
  },
  address: { addressType: "IP4", address: "host.example.com" },
  streams,
  ...more,
});
/** The lines from the first `m=` on. */
const media = ({ description }: Answer): readonly string[] => {
  const text = formatSdp(description);
  return text.slice(text.indexOf("m=")).trimEnd().split("\r\n");
};
const refusals = ({ slots }: Answer) =>
  slots.map((slot) => (slot.kind === "Refused" ? slot.refusal : slot.stream.media));

const DTLS: Partial<LocalStream> = {
  rtcpMux: true,
  rtcpRsize: true,
  dtls: { fingerprints: [{ hash: "sha-256", value: Array(32).fill("AB").join(":") }] },
  ice: { ufrag: "serv", pwd: "er".repeat(11), candidates: [], options: ["ice2"], isComplete: true },
};
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
