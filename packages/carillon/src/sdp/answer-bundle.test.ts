import { describe, expect, test } from "vitest";
import {
  AUDIO,
  example,
  H261,
  local,
  media,
  offered,
  refusals,
  sdp,
  VIDEO,
} from "../testing/sdp-answers.ts";
import { type Answer, answer } from "./answer.ts";
import { formatSdp } from "./description.ts";
import type { LocalCodec, LocalMedia, LocalStream } from "./local-media.ts";

describe("RFC 8843 §7.3: BUNDLE", () => {
  const rtp: Partial<LocalStream> = { rtcpMux: true };
  const mpv: LocalCodec = { encoding: "MPV", clockRateHz: 90_000 };
  const bob = (more: Partial<LocalMedia> = {}, ...streams: readonly LocalStream[]) =>
    local(
      [
        { ...AUDIO, ...rtp, port: 20_000 },
        { ...VIDEO, ...rtp, port: 30_000, codecs: [mpv, H261] },
        ...streams,
      ],
      { bundle: true, ...more },
    );
  const places = (ours: Answer) =>
    ours.description.media.map(({ port, lines }) => [
      port,
      lines.some((line) => line.kind === "a" && line.name === "bundle-only"),
    ]);
  const bundle = (ours: Answer) => /a=group:(.*)\r/.exec(formatSdp(ours.description))?.[1];

  //= RFC 8843 §7.3
  //# Include an SDP 'bundle-only' attribute in, and assign a zero port value to, every other
  //# bundled "m=" section within the BUNDLE group;
  test("RFC 8843 §7.3.4: the example", () => {
    const ours = answer(example("rfc8843-7.2.2-offer"), bob());
    expect(bundle(ours)).toBe("BUNDLE foo bar");
    expect(places(ours)).toEqual([
      [20_000, false],
      [0, true],
    ]);
    expect(media(ours).filter((line) => line === "a=rtcp-mux")).toHaveLength(1);
  });

  //= RFC 8829 §5.8
  //# If the RTP/RTCP multiplexing policy is "require", each "m=" section MUST contain an
  //# "a=rtcp-mux" attribute.
  test("RFC 8829 §5.8: as browsers do, with one port for all, and rtcp-mux in each", () => {
    const ours = answer(example("rfc8843-7.2.2-offer"), bob({ bundledPort: "shared" }));
    expect(places(ours)).toEqual([
      [20_000, false],
      [20_000, false],
    ]);
    expect(media(ours).filter((line) => line === "a=rtcp-mux")).toHaveLength(2);
  });

  test("RFC 8843 §18.2: someone who knows no BUNDLE", () => {
    const ours = answer(example("rfc8843-18.2-offer"), bob({ bundle: false }));
    expect(bundle(ours)).toBeUndefined();
    expect(places(ours)).toEqual([
      [20_000, false],
      [30_000, false],
    ]);
  });

  test("RFC 8843 §18.3: a section is added, and the tagged one comes last", () => {
    const zen: LocalStream = { ...VIDEO, ...rtp, port: 20_004 };
    const ours = answer(example("rfc8843-18.3-offer"), bob({}, zen));
    expect(bundle(ours)).toBe("BUNDLE zen foo bar");
    expect(places(ours)).toEqual([
      [0, true],
      [0, true],
      [20_004, false],
    ]);
  });

  test("RFC 8843 §18.5: a section that is disabled leaves the group", () => {
    const ours = answer(example("rfc8843-18.5-offer"), bob({}, { ...VIDEO, ...rtp }));
    expect(bundle(ours)).toBe("BUNDLE foo bar");
    expect(places(ours)[2]).toEqual([0, false]);
    expect(refusals(ours)[2]).toBe("disabled");
  });

  test("RFC 8843 §7.3.1: the next is tagged if the first is not taken", () => {
    const ours = answer(example("rfc8843-7.2.2-offer"), {
      ...bob(),
      streams: bob().streams.slice(1),
    });
    expect(bundle(ours)).toBe("BUNDLE bar");
    expect(places(ours)).toEqual([
      [0, false],
      [30_000, false],
    ]);
  });

  test("RFC 8843 §7.3.3: a tagged section of before is not refused alone", () => {
    const before = {
      local: answer(example("rfc8843-7.2.2-offer"), bob()).description,
      remote: example("rfc8843-7.2.2-offer"),
    };
    const deaf = { ...bob(), streams: bob().streams.slice(1) };
    expect(refusals(answer(example("rfc8843-7.2.2-offer"), deaf, before))).toEqual([
      "bundle",
      "bundle",
    ]);
  });

  test("RFC 8843 §9.3: RTP without rtcp-mux stays outside", () => {
    const text = formatSdp(example("rfc8843-7.2.2-offer")).replace("a=rtcp-mux\r\n", "");
    const ours = answer(sdp(text), bob());
    expect(bundle(ours)).toBe("BUNDLE bar");
    expect(places(ours)).toEqual([
      [20_000, false],
      [30_000, false],
    ]);
  });

  //= RFC 8858 §4.3
  //# The answerer MUST NOT associate an SDP 'rtcp-mux-only' attribute with an SDP media description
  //# ("m=" line) in the answer.
  test("RFC 8843 §7.1.3: a tagged data channel tells rtcp-mux for the RTP in its group", () => {
    const data: LocalStream = {
      media: "application",
      protos: ["UDP/SCTP"],
      port: 40_000,
      formats: ["webrtc-datachannel"],
      sctp: { port: 5000 },
    };
    const ours = answer(
      offered(
        "a=group:BUNDLE d a",
        ...["m=application 9 UDP/SCTP webrtc-datachannel", "a=mid:d", "a=sctp-port:5000"],
        ...["a=rtcp-mux", "a=rtcp-mux-only"],
        ...["m=audio 0 RTP/AVP 0", "a=mid:a", "a=bundle-only"],
      ),
      bob({}, data),
    );
    const text = formatSdp(ours.description);
    expect(text.slice(text.indexOf("m="))).toBe(
      [
        ...["m=application 40000 UDP/SCTP webrtc-datachannel", "a=mid:d", "a=rtcp-mux"],
        ...["a=sctp-port:5000", "m=audio 0 RTP/AVP 0", "a=mid:a", "a=bundle-only", "a=sendrecv"],
        ...["a=rtpmap:0 PCMU/8000", ""],
      ].join("\r\n"),
    );
  });

  test("tags that are there twice, and groups of nothing", () => {
    const section = ["m=audio 9 RTP/AVP 0", "a=mid:0", "a=rtcp-mux"];
    const groups = ["a=group:BUNDLE 0 0 7", "a=group:BUNDLE", "a=group:BUNDLE 0"];
    const ours = answer(offered(...groups, ...section, ...section), bob());
    expect(bundle(ours)).toBe("BUNDLE 0");
    expect(formatSdp(ours.description).match(/a=group/g)).toHaveLength(1);
  });
});
