import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Agreed } from "./agreed.ts";
import { answer } from "./answer.ts";
import { checkAnswer } from "./check-answer.ts";
import { type Description, formatSdp, originOf, parseSdp } from "./description.ts";
import { held, type LocalMedia, type LocalStream } from "./local-media.ts";
import { offer, reoffer } from "./offer.ts";

const DTLS: Partial<LocalStream> = {
  rtcpMux: true,
  dtls: { fingerprints: [{ hash: "sha-256", value: Array(32).fill("AB").join(":") }] },
  ice: { ufrag: "serv", pwd: "er".repeat(11), candidates: [], options: ["ice2"] },
};
const AUDIO: LocalStream = {
  media: "audio",
  protos: ["RTP/AVP"],
  port: 30_000,
  codecs: [
    { encoding: "opus", clockRateHz: 48_000, channels: 2, params: "useinbandfec=1" },
    { encoding: "PCMU", clockRateHz: 8000 },
    { encoding: "telephone-event", clockRateHz: 8000, params: "0-15" },
  ],
};
const VIDEO: LocalStream = {
  media: "video",
  protos: ["RTP/AVP"],
  port: 30_002,
  codecs: [
    { encoding: "VP8", clockRateHz: 90_000, payloadType: 120 },
    { encoding: "rtx", clockRateHz: 90_000, payloadType: 121, params: "apt=120" },
  ],
};
const local = (streams: readonly LocalStream[], more: Partial<LocalMedia> = {}): LocalMedia => ({
  origin: {
    username: "-",
    sessionId: "7",
    sessionVersion: "1",
    netType: "IN",
    addressType: "IP4",
    address: "192.0.2.1",
  },
  address: { addressType: "IP4", address: "192.0.2.1" },
  streams,
  ...more,
});
const media = (d: Description): readonly string[] => {
  const text = formatSdp(d);
  return text.slice(text.indexOf("m=")).trimEnd().split("\r\n");
};
const PEER = local([AUDIO, VIDEO], {
  origin: { ...local([]).origin, sessionId: "8", address: "192.0.2.2" },
});
/** An offer of ours, answered by someone who has all there is. */
const agree = (ours: LocalMedia, before?: Agreed, peer: LocalMedia = PEER): Agreed => {
  const mine = (before ? reoffer(ours, before) : offer(ours)).description;
  const reversedBefore = before && { local: before.remote, remote: before.local };
  const theirs = answer(mine, peer, reversedBefore).description;
  const judged = checkAnswer(mine, theirs);
  if (!judged.ok) throw new Error(judged.error.message);
  return { local: mine, remote: theirs };
};

//= RFC 3264 §5
//# In all cases, the formats in the "m=" line MUST be listed in order of preference
//= RFC 3264 §5
//# For unicast sessions, it is RECOMMENDED that it consist of a single space character (0x20) or
//# a dash (-).
//= RFC 3264 §5
//# In that case, the "t=" line SHOULD have a value of "0 0".
test("RFC 3264 §5.1: a first offer", () => {
  expect(formatSdp(offer(local([AUDIO, VIDEO])).description).split("\r\n")).toEqual([
    "v=0",
    "o=- 7 1 IN IP4 192.0.2.1",
    "s=-",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    "m=audio 30000 RTP/AVP 96 0 97",
    "a=sendrecv",
    "a=rtpmap:96 opus/48000/2",
    "a=fmtp:96 useinbandfec=1",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:97 telephone-event/8000",
    "a=fmtp:97 0-15",
    "m=video 30002 RTP/AVP 120 121",
    "a=sendrecv",
    "a=rtpmap:120 VP8/90000",
    "a=rtpmap:121 rtx/90000",
    "a=fmtp:121 apt=120",
    "",
  ]);
});

//= RFC 3264 §5
//# The offer (and answer) MUST be a valid SDP message, as defined by RFC 2327 [1], with one
//# exception.
//= RFC 3264 §5
//# The numeric value of the session id and version in the o line MUST be representable with a 64
//# bit signed integer. The initial value of the version MUST be less than (2**62)-1, to avoid
//# rollovers.
test("RFC 3264 §5: a first offer is valid, and its numbers leave room to count", () => {
  const first = offer(local([AUDIO, VIDEO])).description;
  expect(parseSdp(formatSdp(first))).toEqual({ ok: true, value: first });
  const { origin } = local([]);
  const begun = (sessionId: bigint, sessionVersion: bigint) =>
    offer(
      local([AUDIO], {
        origin: { ...origin, sessionId: `${sessionId}`, sessionVersion: `${sessionVersion}` },
      }),
    );
  expect(originOf(begun(2n ** 63n - 1n, 2n ** 62n - 2n).description)).toMatchObject({
    sessionId: "9223372036854775807",
    sessionVersion: "4611686018427387902",
  });
  expect(() => begun(2n ** 63n, 1n)).toThrow(RangeError);
  expect(() => begun(1n, 2n ** 62n - 1n)).toThrow(RangeError);
});

//= RFC 3264 §5.1
//# If the offerer wishes to only send media on a stream to its peer, it MUST mark the stream as
//# sendonly with the "a=sendonly" attribute.
//= RFC 3264 §5.1
//# If the offerer wishes to only receive media from its peer, it MUST mark the stream as recvonly.
//= RFC 3264 §5.1
//# If the offerer wishes to communicate, but wishes to neither send nor receive media at this time,
//# it MUST mark the stream with an "a=inactive" attribute.
test("RFC 3264 §5.1: the direction that is wanted stands in the offer, whatever is carried", () => {
  const t38 = { ...AUDIO, media: "image", protos: ["udptl"], formats: ["t38"] };
  for (const direction of ["sendonly", "recvonly", "inactive"] as const) {
    for (const stream of [AUDIO, t38]) {
      const lines = media(offer(local([{ ...stream, direction }])).description);
      expect(lines.filter((line) => /^a=(send|recv|inactive)/.test(line))).toEqual([
        `a=${direction}`,
      ]);
    }
  }
});

//= RFC 8842 §5.2
//# When an offerer sends the initial offer, the offerer MUST insert an SDP "setup" attribute
//# [RFC4145] with an "actpass" attribute value
test("RFC 8843 §7.2: a bundle, where ports of their own stay and a shared one does not", () => {
  const web = (port: number) => ({ ...AUDIO, ...DTLS, protos: ["UDP/TLS/RTP/SAVPF"], port });
  const bundled = (...ports: readonly number[]) =>
    offer(local(ports.map(web), { bundle: true })).description;
  const own = formatSdp(bundled(1, 3));
  expect(own).toContain("a=group:BUNDLE 0 1\r\n");
  expect(own.match(/a=(setup:actpass|bundle-only)/g)).toEqual([
    "a=setup:actpass",
    "a=setup:actpass",
  ]);
  const shared = formatSdp(bundled(1, 1, 1));
  expect(shared.match(/^m=audio \d+/gm)).toEqual(["m=audio 1", "m=audio 0", "m=audio 0"]);
  expect(shared.match(/a=(setup:actpass|bundle-only)/g)).toEqual([
    "a=setup:actpass",
    "a=bundle-only",
    "a=bundle-only",
  ]);
});

test("RFC 8829 §5.8: a bundle as browsers offer it has one port, and rtcp-mux everywhere", () => {
  const stream = { ...AUDIO, ...DTLS, protos: ["UDP/TLS/RTP/SAVPF"], port: 5, rtcpMux: true };
  const wish = { bundle: true, bundledPort: "shared" } as const;
  const offered = formatSdp(offer(local([stream, stream], wish)).description);
  expect(offered.match(/^m=audio \d+|a=rtcp-mux|a=setup:.*|a=bundle-only/gm)).toEqual([
    ...["m=audio 5", "a=setup:actpass", "a=rtcp-mux"],
    ...["m=audio 5", "a=rtcp-mux"],
  ]);
  const client = { ...stream, dtls: { ...DTLS.dtls!, offeredRole: "active" as const } };
  expect(formatSdp(offer(local([client])).description)).toContain("a=setup:active\r\n");
});

describe("RFC 3264 §8: a later offer", () => {
  //= RFC 3264 §8
  //# When issuing an offer that modifies the session, the "o=" line of the new SDP MUST be
  //# identical to that in the previous SDP, except that the version in the origin field MUST
  //# increment by one from the previous SDP.
  //= RFC 3264 §8
  //# If the version in the origin line does not increment, the SDP MUST be identical to the SDP
  //# with that version number.
  test("the version goes up by one, and only on change", () => {
    const ours = offer(local([AUDIO])).local;
    const before = agree(ours);
    expect(reoffer(ours, before).description).toBe(before.local);
    const version = (d: Description) => originOf(d).sessionVersion;
    expect(version(reoffer(held(ours), before).description)).toBe("2");
    const big = { ...ours, origin: { ...ours.origin, sessionVersion: `${2n ** 62n - 2n}` } };
    expect(version(reoffer(held(big), agree(big)).description)).toBe(`${2n ** 62n - 1n}`);
    const other = { ...ours, origin: { ...ours.origin, sessionId: "9" } };
    expect(() => reoffer(other, before)).toThrow(RangeError);
  });

  //= RFC 4028 §7.4
  //# In that case, the offer MUST indicate that it has not changed. In the case of SDP, this is
  //# accomplished by including the same value for the origin field as did previous SDP messages to
  //# its peer. The same is true for an answer exchanged as a result of a session refresh request;
  //# if it has not changed, that MUST be indicated.
  //= RFC 3264 §8
  //# The answerer MUST be prepared to receive an offer that contains SDP with a version that has
  //# not changed; this is effectively a no-op. However, the answerer MUST generate a valid answer
  //# (which MAY be the same as the previous SDP from the answerer, or MAY be different), according
  //# to the procedures defined in Section 6.
  test("RFC 4028 §7.4: a refresh offers and answers what stands, under the same version", () => {
    const ours = offer(local([AUDIO])).local;
    const before = agree(ours);
    const refresh = reoffer(ours, before).description;
    expect(formatSdp(refresh)).toBe(formatSdp(before.local));
    const theirs = { local: before.remote, remote: before.local };
    const answered = answer(refresh, PEER, theirs).description;
    expect(formatSdp(answered)).toBe(formatSdp(before.remote));
    expect(checkAnswer(refresh, answered).ok).toBe(true);
    expect(agree(ours, before)).toMatchObject(before);
  });

  //= RFC 3264 §8.4
  //# Of course, when used, the port number MUST NOT be zero, which would specify that the stream
  //# has been disabled.
  test("RFC 3264 §8.4: what is on hold keeps its port, and nothing is offered at port zero", () => {
    const onHold = offer(held(local([AUDIO, VIDEO]))).description;
    expect(onHold.media.map(({ port }) => port)).toEqual([30_000, 30_002]);
    for (const port of [0, -1, 65_536, 1.5]) {
      expect(() => offer(local([{ ...AUDIO, port }]))).toThrow(RangeError);
    }
  });

  test("RFC 3264 §8.4: hold, and resume", () => {
    const ours = offer(local([AUDIO])).local;
    const before = agree(ours);
    const onHold = agree(held(ours), before);
    expect([media(onHold.local)[1], media(onHold.remote)[1]]).toEqual(["a=sendonly", "a=recvonly"]);
    const resumed = agree(ours, onHold);
    expect([media(resumed.local)[1], media(resumed.remote)[1]]).toEqual([
      "a=sendrecv",
      "a=sendrecv",
    ]);
  });

  test("RFC 6337 §5.3: who was put on hold offers what it wants itself", () => {
    const remoteHolds = answer(offer(held(PEER)).description, local([AUDIO])).description;
    const before = { local: remoteHolds, remote: offer(held(PEER)).description };
    expect(media(remoteHolds)[1]).toBe("a=recvonly");
    expect(media(reoffer(local([{ ...AUDIO, slot: 0 }]), before).description)[1]).toBe(
      "a=sendrecv",
    );
  });

  //= RFC 3264 §8
  //# If an SDP is offered, which is different from the previous SDP, the new SDP MUST have a
  //# matching media stream for each media stream in the previous SDP. In other words, if the
  //# previous SDP had N "m=" lines, the new SDP MUST have at least N "m=" lines.
  //= RFC 3264 §8
  //# Deleted media streams from a previous SDP MUST NOT be removed in a new SDP; however,
  //# attributes for these streams need not be present.
  //= RFC 3264 §8.1
  //# New media descriptions MUST appear below any existing media sections.
  test("RFC 3264 §8.1, §8.2: a stream is taken away, its slot used again, another added", () => {
    const audio = { ...AUDIO, slot: 0 };
    const video = { ...VIDEO, slot: 1 };
    const both = agree(local([audio, video]));
    const without = agree(local([video]), both);
    expect(media(without.local)[0]).toBe("m=audio 0 RTP/AVP 96");
    expect(without.local.media).toHaveLength(2);
    const again = reoffer(local([video, { ...AUDIO, port: 5 }]), without);
    expect(again.slots.map((stream) => stream?.port)).toEqual([5, 30_002]);
    const more = reoffer(local([audio, video, { ...AUDIO, port: 7 }]), both);
    expect(more.description.media.map(({ port }) => port)).toEqual([30_000, 30_002, 7]);
  });

  test("a slot that the peer refused is free too", () => {
    const refused = agree(local([AUDIO, VIDEO]), undefined, { ...PEER, streams: [AUDIO] });
    const next = reoffer(
      local([
        { ...AUDIO, slot: 0 },
        { ...VIDEO, port: 9 },
      ]),
      refused,
    );
    expect(next.slots.map((stream) => stream?.port)).toEqual([30_000, 9]);
  });

  //= RFC 3264 §8.3.2
  //# in the case of RTP, the mapping from a particular dynamic payload type number to a particular
  //# codec within that media stream MUST NOT change for the duration of a session.
  test("RFC 3264 §8.3.2: payload types stay what they were, whoever chose them", () => {
    const theirs = {
      ...PEER,
      streams: [
        {
          ...VIDEO,
          codecs: [
            { encoding: "VP8", clockRateHz: 90_000, payloadType: 96 },
            { encoding: "rtx", clockRateHz: 90_000, payloadType: 97, params: "apt=96" },
          ],
        },
      ],
    };
    const first = offer(theirs).description;
    const before = { local: answer(first, local([VIDEO])).description, remote: first };
    const h264 = { encoding: "H264", clockRateHz: 90_000, payloadType: 96 };
    const codecs = [h264, ...(VIDEO.codecs ?? [])];
    const next = reoffer(local([{ ...VIDEO, slot: 0, codecs }]), before).description;
    expect(media(next)).toEqual([
      "m=video 30002 RTP/AVP 98 96 97",
      "a=sendrecv",
      "a=rtpmap:98 H264/90000",
      "a=rtpmap:96 VP8/90000",
      "a=rtpmap:97 rtx/90000",
      "a=fmtp:97 apt=96",
    ]);
  });

  //= RFC 3264 §8.3.2
  //# For example, if A generates an offer with G.711 assigned to dynamic payload type number 46,
  //# payload type number 46 MUST refer to G.711 from that point forward in any offers or answers
  //# for that media stream within the session.
  test("RFC 3264 §8.3.2: G.711 under 46 is 46 for ever, and 46 is nothing else", () => {
    const g711 = { encoding: "PCMA", clockRateHz: 8000, payloadType: 46 };
    const opus = { encoding: "opus", clockRateHz: 48_000, channels: 2, payloadType: 46 };
    const speex = { encoding: "speex", clockRateHz: 8000, payloadType: 46 };
    const peer = { ...PEER, streams: [{ ...AUDIO, codecs: [g711, opus, speex] }] };
    let ours = local([]);
    let before: Agreed | undefined;
    const mapped = (...codecs: LocalStream["codecs"] & {}) => {
      const streams = codecs.length === 0 ? [] : [{ ...AUDIO, slot: 0, codecs }];
      const wanted = { ...ours, streams };
      ours = (before ? reoffer(wanted, before) : offer(wanted)).local;
      before = agree(wanted, before, peer);
      return media(before.local).filter((line) => line.startsWith("a=rtpmap:"));
    };
    expect(mapped(g711)).toEqual(["a=rtpmap:46 PCMA/8000"]);
    expect(mapped(opus)).toEqual(["a=rtpmap:96 opus/48000/2"]);
    // Neither 46, which was PCMA before the last exchange, nor 96, which was opus in it.
    expect(mapped(speex, g711)).toEqual(["a=rtpmap:97 speex/8000", "a=rtpmap:46 PCMA/8000"]);
    expect(mapped(opus, g711)).toEqual(["a=rtpmap:96 opus/48000/2", "a=rtpmap:46 PCMA/8000"]);
    // An answer remembers too, and a stream that was taken away is forgotten.
    const theirs = reoffer(ours, before as Agreed).description;
    expect(answer(theirs, ours, before).local.known?.[0]).toHaveLength(3);
    mapped();
    expect(ours.known).toEqual([[]]);
  });

  //= RFC 8843 §7.1.3
  //# The offerer and answerer MUST NOT include such attributes in any other bundled "m=" section.
  test("RFC 8843 §7.5: later, all but the tagged section are bundle-only", () => {
    const web = (port: number, slot: number) => ({
      ...{ ...AUDIO, ...DTLS, protos: ["UDP/TLS/RTP/SAVPF"] },
      ...{ port, slot },
    });
    const ours = local([web(1, 0), web(3, 1)], { bundle: true });
    const peer = { ...PEER, bundle: true, streams: [web(5, 0), web(7, 1)] };
    const before = agree(ours, undefined, peer);
    const next = reoffer(held(ours), before).description;
    expect(media(next).filter((line) => /^m=|bundle-only|setup|mid/.test(line))).toEqual([
      "m=audio 1 UDP/TLS/RTP/SAVPF 96 0 97",
      "a=mid:0",
      "a=setup:actpass",
      "m=audio 0 UDP/TLS/RTP/SAVPF 96 0 97",
      "a=mid:1",
      "a=bundle-only",
    ]);
    const shared = reoffer({ ...held(ours), bundledPort: "shared" }, before).description;
    expect(shared.media.map(({ port }) => port)).toEqual([1, 1]);
  });

  test("a slot that is used again gets a tag that was never used", () => {
    const web = { ...AUDIO, ...DTLS, protos: ["UDP/TLS/RTP/SAVPF"] };
    const peer = { ...PEER, bundle: true, streams: [web, { ...web, port: 5 }] };
    const one = agree(local([web], { bundle: true }), undefined, peer);
    const none = agree(local([], { bundle: true }), one, peer);
    expect(none.local.media[0]?.port).toBe(0);
    const again = reoffer(local([web], { bundle: true }), none).description;
    expect(formatSdp(again)).toContain("a=group:BUNDLE 1\r\n");
  });

  test("slots that cannot be are the caller's mistake", () => {
    const before = agree(local([AUDIO]));
    const at = (...slots: readonly number[]) => slots.map((slot) => ({ ...AUDIO, slot }));
    expect(() => reoffer(local(at(0, 0)), before)).toThrow(RangeError);
    expect(() => reoffer(local(at(1)), before)).toThrow(RangeError);
    expect(() => offer(local(Array(65).fill(AUDIO)))).toThrow(RangeError);
  });
});

describe("whatever is offered", () => {
  const stream = fc
    .tuple(
      fc.constantFrom(AUDIO, VIDEO),
      fc.nat(60_000),
      fc.constantFrom("sendrecv" as const, "sendonly" as const, "inactive" as const),
      fc.boolean(),
    )
    .map(
      ([base, port, direction, rtcpMux]): LocalStream => ({
        ...base,
        port: port + 1,
        direction,
        rtcpMux,
      }),
    );
  const streams = fc.array(stream, { maxLength: 6 });

  test("an answer fits it, slots never go, versions go up by one or not at all", () => {
    fc.assert(
      fc.property(streams, streams, streams, fc.boolean(), (first, second, peers, bundle) => {
        const peer = { ...PEER, streams: peers, bundle };
        const one = agree(local(first, { bundle }), undefined, peer);
        const two = agree(local(second, { bundle }), one, peer);
        expect(two.local.media.length).toBeGreaterThanOrEqual(one.local.media.length);
        const [a, b] = [one, two].map((each) => BigInt(originOf(each.local).sessionVersion));
        expect((b ?? 0n) - (a ?? 0n)).toBe(formatSdp(one.local) === formatSdp(two.local) ? 0n : 1n);
        for (const each of [one.local, two.local, one.remote, two.remote]) {
          expect(parseSdp(formatSdp(each))).toEqual({ ok: true, value: each });
        }
      }),
      { numRuns: 300 },
    );
  });
});
