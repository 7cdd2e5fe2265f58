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

describe("which of our formats is which of theirs", () => {
  const H264 = (payloadType: number, more = "") => [
    ...[
      `a=rtpmap:${payloadType} H264/90000`,
      `a=fmtp:${payloadType} profile-level-id=42e01f${more}`,
    ],
  ];
  const numbers = (local: Description, remote: Description) =>
    agreedMedia({ local, remote }, "remote")[0]?.codecs.map((codec) => [
      ...[codec.payloadType, codec.receivePayloadType],
    ]);

  test("by what they are, where the numbers say something else", () => {
    const local = ours("m=video 9 RTP/AVP 96 97", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 VP9/90000");
    const swapped = ["a=rtpmap:97 VP8/90000", "a=rtpmap:96 VP9/90000"];
    expect(numbers(local, theirs("m=video 7 RTP/AVP 96 97", ...swapped))).toEqual([
      [96, 97],
      [97, 96],
    ]);
  });

  test("of the same twice the one under the same number, and none for two", () => {
    const both = [...H264(96), ...H264(97)];
    const local = ours("m=video 9 RTP/AVP 96 97", ...both);
    expect(numbers(local, theirs("m=video 7 RTP/AVP 97 96", ...both))).toEqual([
      [97, 97],
      [96, 96],
    ]);
    const three = [...both, ...H264(98)];
    expect(numbers(local, theirs("m=video 7 RTP/AVP 96 97 98", ...three))).toHaveLength(2);
    const others = [...H264(100), ...H264(101)];
    expect(numbers(local, theirs("m=video 7 RTP/AVP 100 101", ...others))).toEqual([
      [100, 96],
      [101, 97],
    ]);
  });

  test("parameters that make them another format keep them apart under one number", () => {
    const local = ours(
      "m=video 9 RTP/AVP 96 97",
      ...H264(96),
      ...H264(97, ";packetization-mode=1"),
    );
    const remote = theirs("m=video 7 RTP/AVP 96", ...H264(96, ";packetization-mode=1"));
    expect(numbers(local, remote)).toEqual([[96, 97]]);
  });
});

describe("where it goes", () => {
  test("a slot with all that it is", () => {
    const local = ours("m=audio 9 RTP/AVP 0", "a=sendonly", "m=video 5 RTP/AVP 31");
    const remote = theirs(
      "m=audio 7 RTP/AVP 0",
      "a=sendrecv",
      "m=video 6 RTP/AVP 31",
      "a=recvonly",
    );
    expect(agreedMedia({ local, remote }, "remote")).toMatchObject([
      {
        ...{ slot: 0, media: "audio", proto: "RTP/AVP", isActive: true, direction: "sendonly" },
        ...{ remote: { address: "192.0.2.2", port: 7 }, transportSlot: 0 },
      },
      {
        ...{ slot: 1, media: "video", isActive: true, direction: "sendonly" },
        ...{ remote: { address: "192.0.2.2", port: 6 }, transportSlot: 1 },
      },
    ]);
    expect(agreedMedia({ local, remote: theirs("m=audio 7 RTP/AVP 0") }, "remote")).toHaveLength(1);
  });

  test("RFC 5761 §5.1.1, RFC 3605 §2.1: where RTCP goes", () => {
    const mux = ["m=audio 8 RTP/AVP 0", "a=rtcp-mux"];
    const rtcpOf = (own: readonly string[], peer: readonly string[]) => {
      const [slot] = agreedMedia({ local: ours(...own), remote: theirs(...peer) }, "remote");
      return [slot?.rtcpMux, slot?.remoteRtcp];
    };
    const plain = ["m=audio 8 RTP/AVP 0"];
    expect(rtcpOf(mux, mux)[0]).toBe(true);
    expect(rtcpOf(mux, plain)).toEqual([false, { address: "192.0.2.2", port: 9 }]);
    expect(rtcpOf(plain, [...plain, "a=rtcp:77"])).toEqual([
      false,
      { address: "192.0.2.2", port: 77 },
    ]);
    const elsewhere = [...plain, "a=rtcp:77 IN IP4 192.0.2.9"];
    expect(rtcpOf(plain, elsewhere)).toEqual([false, { address: "192.0.2.9", port: 77 }]);
  });

  test("RFC 4568 §5.1.3: the keys of both, by tag and suite", () => {
    const suite = "AES_CM_128_HMAC_SHA1_80";
    const line = (tag: number, key: string) => `a=crypto:${tag} ${suite} inline:${key.repeat(40)}`;
    const own = ours("m=audio 8 RTP/SAVP 0", line(1, "a"), line(2, "b"));
    const peer = (tag: number) => theirs("m=audio 7 RTP/SAVP 0", line(tag, "c"));
    const keysOf = (tag: number) =>
      agreedMedia({ local: own, remote: peer(tag) }, "remote").map(({ crypto }) =>
        [crypto?.own, crypto?.peer].map((each) => each?.keys[0]?.info[0]),
      );
    expect([keysOf(2), keysOf(3)]).toEqual([[["b", "c"]], [[undefined, undefined]]]);
    const [plain] = agreedMedia(
      { local: ours("m=audio 8 RTP/AVP 0", line(1, "a")), remote: peer(1) },
      "remote",
    );
    expect(plain?.crypto).toBeUndefined();
  });

  test("RFC 3264 §8.4: nowhere, for an address of 0.0.0.0 or none", () => {
    const local = ours("m=audio 9 RTP/AVP 0");
    const [held] = agreedMedia({ local, remote: at("0.0.0.0", "m=audio 7 RTP/AVP 0") }, "remote");
    expect(held).toMatchObject({ isActive: true, remote: undefined });
    const { media } = theirs("m=audio 7 RTP/AVP 0");
    const [none] = agreedMedia({ local, remote: { session: [], media } }, "remote");
    expect(none).toMatchObject({ isActive: true, remote: undefined });
  });

  test("RFC 8843 §7.1.3: bundled, where the tagged section of the answer goes", () => {
    const bundled = (address: string, ...ports: readonly number[]) => {
      const lines = ports.flatMap((port, i) => [
        ...[`m=audio ${port} RTP/AVP 0`, `a=mid:${i}`, ...(port === 0 ? ["a=bundle-only"] : [])],
      ]);
      const { session, media } = at(address, ...lines);
      const group = { kind: "a", name: "group", value: "BUNDLE 1 0" } as const;
      return { session: [...session, group], media };
    };
    const local = bundled("192.0.2.1", 0, 9);
    const remote = bundled("192.0.2.2", 0, 7);
    for (const answerer of ["local", "remote"] as const) {
      const slots = agreedMedia({ local, remote }, answerer);
      expect(slots.map(({ transportSlot }) => transportSlot)).toEqual([1, 1]);
      expect(slots.map((slot) => slot.remote?.port)).toEqual([7, 7]);
    }
    // It is the answer's word that counts: without a group in it each goes its own way.
    const apart = theirs("m=audio 6 RTP/AVP 0", "a=mid:0", "m=audio 7 RTP/AVP 0", "a=mid:1");
    const ways = (answerer: "local" | "remote") =>
      agreedMedia({ local, remote: apart }, answerer).map(({ transportSlot }) => transportSlot);
    expect([ways("remote"), ways("local")]).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
});
