import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { agreedMedia } from "./agreed-media.ts";
import { type Answer, answer } from "./answer.ts";
import { type Description, formatSdp, originOf, parseSdp } from "./description.ts";
import { held, type LocalCodec, type LocalMedia, type LocalStream } from "./local-media.ts";

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

describe("RFC 3264 §10.1: alice and bob", () => {
  const bob = local([
    { ...AUDIO, slot: 0, port: 49_920 },
    {
      ...VIDEO,
      slot: 2,
      port: 53_000,
      codecs: [{ encoding: "MPV", clockRateHz: 90_000 }],
    },
  ]);

  //= RFC 3264 §6
  //# For each "m=" line in the offer, there MUST be a corresponding "m=" line in the answer. The
  //# answer MUST contain exactly the same number of "m=" lines as the offer.
  //= RFC 3264 §6
  //# To reject an offered stream, the port number in the corresponding stream in the answer MUST be
  //# set to zero.
  //= RFC 3264 §6
  //# Any media formats listed are ignored. At least one MUST be present, as specified by SDP.
  //= RFC 3264 §6
  //# The "t=" line in the answer MUST equal that of the offer.
  test("bob does not want the first video stream", () => {
    const theirs = example("rfc3264-10.1-answer");
    const ours = answer(example("rfc3264-10.1-offer"), bob);
    const withDirections = formatSdp(theirs)
      .replace("s=\r\n", "s=-\r\n")
      .replace(/(m=(?:audio|video) [1-9].*\r\n)/g, "$1a=sendrecv\r\n");
    expect(formatSdp(ours.description)).toBe(withDirections);
    expect(refusals(ours)).toEqual(["audio", "unwanted", "video"]);
  });

  test("alice accepts the stream that bob adds, in the version after hers", () => {
    const events: LocalCodec = { encoding: "telephone-events", clockRateHz: 8000 };
    const origin = { ...bob.origin, username: "alice", sessionId: "2890844526" };
    const where = { ...origin, address: "host.anywhere.com", sessionVersion: "2890844526" };
    const alice: LocalMedia = {
      ...local([
        { ...AUDIO, slot: 0, port: 49_170 },
        { ...VIDEO, slot: 2, port: 53_000, codecs: [{ encoding: "MPV", clockRateHz: 90_000 }] },
        { ...AUDIO, port: 53_122, codecs: [events] },
      ]),
      origin: where,
    };
    const before = {
      local: example("rfc3264-10.1-offer"),
      remote: example("rfc3264-10.1-answer"),
    };
    const ours = answer(example("rfc3264-10.1-second-offer"), alice, before);
    expect(formatSdp(ours.description)).toContain("o=alice 2890844526 2890844527 IN IP4");
    expect(media(ours)).toEqual([
      "m=audio 49170 RTP/AVP 0",
      "a=sendrecv",
      "a=rtpmap:0 PCMU/8000",
      "m=video 0 RTP/AVP 31",
      "m=video 53000 RTP/AVP 32",
      "a=sendrecv",
      "a=rtpmap:32 MPV/90000",
      "m=audio 53122 RTP/AVP 110",
      "a=sendonly",
      "a=rtpmap:110 telephone-events/8000",
    ]);
  });

  test("RFC 3264 §10.2: one of several codecs, chosen by the offerer's order", () => {
    const g723: LocalCodec = { encoding: "g723", clockRateHz: 8000 };
    const ours = answer(example("rfc3264-10.2-offer"), local([{ ...AUDIO, codecs: [g723, PCMU] }]));
    expect(media(ours)).toEqual([
      "m=audio 30000 RTP/AVP 0 4",
      "a=inactive",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:4 G723/8000",
    ]);
  });
});

//= RFC 3264 §6
//# If the answer is different from the offer in any way (different IP addresses, ports, etc.), the
//# origin line MUST be different in the answer, since the answer is generated by a different
//# entity.
//= RFC 3264 §6
//# This implies that if the offer contained zero "m=" lines, the answer MUST contain zero "m="
//# lines.
test("RFC 3264 §6: the answer has its own o=, and no section where none was offered", () => {
  const offer = offered();
  const ours = answer(offer, local([AUDIO])).description;
  expect(ours.media).toEqual([]);
  expect(originOf(ours)).toEqual({ kind: "o", ...local([]).origin });
  expect(originOf(ours)).not.toEqual(originOf(offer));
});

//= RFC 3264 §5.1
//# A port number of zero in the offer indicates that the stream is offered but MUST NOT be used.
test("RFC 3264 §5.1: what is offered at port zero is not taken, and has no media", () => {
  const offer = offered("m=audio 0 RTP/AVP 0", "m=audio 9 RTP/AVP 0");
  const ours = answer(offer, local([AUDIO]));
  expect(refusals(ours)).toEqual(["disabled", "audio"]);
  expect(ours.description.media.map(({ port }) => port)).toEqual([0, 30_000]);
  const [none] = agreedMedia({ local: ours.description, remote: offer }, "local");
  expect(none).toMatchObject({ isActive: false, codecs: [] });
});

//= RFC 3264 §6.1
//# If a stream is offered with a unicast address, the answer for that stream MUST contain a unicast
//# address.
//= RFC 3264 §6.1
//# This address and port MUST be present even for sendonly streams; in the case of RTP, the port
//# one higher is still used to receive RTCP.
test("RFC 3264 §6.1: every answer says where to send, by a unicast address and a port", () => {
  for (const direction of ["recvonly", "sendonly", "inactive", "sendrecv"]) {
    const offer = offered("m=audio 9 RTP/AVP 0", `a=${direction}`);
    const ours = answer(offer, local([AUDIO])).description;
    expect(formatSdp(ours)).toContain("c=IN IP4 host.example.com\r\n");
    expect(ours.media[0]?.port).toBe(30_000);
  }
  const offer = offered("m=audio 9 RTP/AVP 0");
  const at = (addressType: "IP4" | "IP6", address: string) =>
    answer(offer, local([{ ...AUDIO, address: { addressType, address } }]));
  expect(() => at("IP4", "233.252.0.1")).toThrow(RangeError);
  expect(() => at("IP6", "FF15::101")).toThrow(RangeError);
  expect(formatSdp(at("IP4", "192.0.2.9").description)).toContain("c=IN IP4 192.0.2.9\r\n");
  expect(() => answer(offer, local([{ ...AUDIO, port: 0 }]))).toThrow(RangeError);
});

describe("why a section is refused", () => {
  const dtls = "m=audio 9 UDP/TLS/RTP/SAVP 0";
  test.each([
    ["disabled", ["m=audio 0 RTP/AVP 0"], AUDIO],
    ["unwanted", ["m=text 9 RTP/AVP 98"], AUDIO],
    ["multicast", ["m=audio 9 RTP/AVP 0", "c=IN IP4 233.252.0.1/127"], AUDIO],
    ["proto", ["m=audio 9 RTP/SAVP 0"], AUDIO],
    ["keys", [dtls], { ...AUDIO, protos: ["UDP/TLS/RTP/SAVP"] }],
    ["keys", ["m=audio 9 RTP/SAVP 0"], { ...AUDIO, protos: ["RTP/SAVP"] }],
    [
      "ice",
      ["m=audio 9 RTP/AVP 0"],
      { ...AUDIO, ice: { ufrag: "a", pwd: "b", candidates: [], isRequired: true } },
    ],
    ["rtcp-mux", ["m=audio 9 RTP/AVP 0", "a=rtcp-mux", "a=rtcp-mux-only"], AUDIO],
    ["rtcp-mux", ["m=audio 9 RTP/AVP 0"], { ...AUDIO, rtcpMux: true, rtcpMuxOnly: true }],
    [
      "sctp",
      ["m=application 9 UDP/SCTP webrtc-datachannel"],
      { media: "application", protos: ["UDP/SCTP"], port: 9, formats: ["webrtc-datachannel"] },
    ],
    ["bundle", ["m=audio 0 RTP/AVP 0", "a=mid:0", "a=bundle-only"], AUDIO],
  ] as const)("%s", (refusal, lines, stream) => {
    const ours = answer(offered(...lines), local([stream]));
    expect(refusals(ours)).toEqual([refusal]);
    expect(ours.description.media[0]).toMatchObject({ port: 0, formats: [expect.anything()] });
  });
});

//= RFC 3264 §8.4
//# An agent MUST be capable of receiving SDP with a connection address of 0.0.0.0, in which case
//# it means that neither RTP nor RTCP should be sent to the peer.
describe("hold", () => {
  test("RFC 6337 §5.3: both hold, one after the other, and let go", () => {
    const offer = (direction: string) => offered("m=audio 9 RTP/AVP 0", `a=${direction}`);
    const said = (direction: string, ours: LocalMedia) => media(answer(offer(direction), ours))[1];
    const ua = local([AUDIO]);
    expect(said("sendonly", ua)).toBe("a=recvonly");
    expect(said("sendonly", held(ua))).toBe("a=inactive");
    expect(said("sendrecv", held(ua))).toBe("a=sendonly");
    expect(said("sendrecv", ua)).toBe("a=sendrecv");
    expect(said("inactive", ua)).toBe("a=inactive");
    expect(
      said(
        "recvonly",
        held(ua, ({ media: kind }) => kind === "video"),
      ),
    ).toBe("a=sendonly");
  });

  test("RFC 6337 §5.4: c=0.0.0.0 is no direction, and nothing is sent there", () => {
    const offer = offered("m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0");
    const ours = answer(offer, local([AUDIO]));
    expect(media(ours)[1]).toBe("a=sendrecv");
    const [slot] = agreedMedia({ local: ours.description, remote: offer }, "local");
    expect(slot).toMatchObject({ isActive: true, direction: "sendrecv", remote: undefined });
  });
});

describe("keys and the rest", () => {
  const key = { method: "inline", info: "a".repeat(40) };
  const suite = "AES_CM_128_HMAC_SHA1_80";
  const sdes: LocalStream = {
    ...AUDIO,
    protos: ["RTP/SAVP"],
    crypto: [{ tag: 1, suite, keys: [key], sessionParams: [] }],
  };

  //= RFC 4568 §5.1.2
  //# When the answerer receives the initial offer with one or more crypto attributes for a given
  //# unicast media stream, the answerer MUST either accept exactly one of the offered crypto
  //# attributes, or the offered stream MUST be rejected.
  test("RFC 4568 §5.1.2: one key of several, with its tag and our key", () => {
    const theirs = `inline:${"b".repeat(40)}`;
    const lines = [
      "m=audio 9 RTP/SAVP 0",
      `a=crypto:1 AEAD_AES_256_GCM ${theirs}`,
      `a=crypto:2 ${suite} ${theirs} KDR=1`,
      `a=crypto:3 ${suite} ${theirs}|2^20 -KDR=1`,
      `a=crypto:4 ${suite} ${theirs}`,
    ];
    const ours = answer(offered(...lines), local([sdes]));
    expect(media(ours).filter((line) => line.startsWith("a=crypto"))).toEqual([
      `a=crypto:3 ${suite} inline:${key.info}`,
    ]);
    expect(refusals(answer(offered(...lines.slice(0, 3)), local([sdes])))).toEqual(["keys"]);
    //= RFC 4568 §6.1
    //# If the length (after being decoded from base64) does not match that specified for the
    //# crypto-suite, the crypto attribute in question MUST be considered invalid.
    for (const info of ["inline:abcd", `${theirs}|1:4`, `${theirs};${theirs}`, "other:x"]) {
      const one = offered("m=audio 9 RTP/SAVP 0", `a=crypto:1 ${suite} ${info}`);
      expect([info, refusals(answer(one, local([sdes])))]).toEqual([info, ["keys"]]);
    }
  });

  //= RFC 4585 §4.2
  //# The answerer MUST NOT add feedback parameters to the media description and MUST NOT alter
  //# values of such parameters.
  test("RFC 4585 §4.2: feedback that both have, of any format too, with AVPF only", () => {
    const codec = { ...H261, feedback: ["nack", "ccm fir", "goog-remb"] };
    const stream = { ...VIDEO, protos: ["RTP/AVPF", "RTP/AVP"], codecs: [codec] };
    const lines = ["a=rtcp-fb:31 nack", "a=rtcp-fb:* ccm fir", "a=rtcp-fb:* nack sli"];
    const fb = (proto: string) =>
      media(answer(offered(`m=video 9 ${proto} 31`, ...lines), local([stream]))).filter((line) =>
        line.startsWith("a=rtcp-fb"),
      );
    expect(fb("RTP/AVPF")).toEqual(["a=rtcp-fb:31 nack", "a=rtcp-fb:31 ccm fir"]);
    expect(fb("RTP/AVP")).toEqual([]);
  });

  test("RFC 8285 §6: header extensions under the offer's numbers, each way round", () => {
    const uri = "urn:ietf:params:rtp-hdrext:sdes:mid";
    const ours = answer(
      offered("m=audio 9 RTP/AVP 0", `a=extmap:4/sendonly ${uri}`, "a=extmap:5 urn:x"),
      local([{ ...AUDIO, headerExtensions: [{ uri, id: 1 }] }]),
    );
    expect(media(ours)).toContain(`a=extmap:4/recvonly ${uri}`);
    expect(media(ours).join()).not.toContain("urn:x");
  });

  test("RTCP on a port of its own, and mux where both have it", () => {
    const odd = { ...AUDIO, rtcpPort: 40_000, rtcpMux: true };
    const said = (...lines: readonly string[]) =>
      media(answer(offered("m=audio 9 RTP/AVP 0", ...lines), local([odd]))).filter((line) =>
        line.startsWith("a=rtcp"),
      );
    expect(said()).toEqual(["a=rtcp:40000"]);
    expect(said("a=rtcp-mux")).toEqual(["a=rtcp-mux"]);
  });

  test("RFC 8839 §4.2.5: an address that is no candidate was changed on the way", () => {
    const ice = ["a=ice-ufrag:abcd", `a=ice-pwd:${"p".repeat(22)}`];
    const at = (address: string) => `a=candidate:1 1 UDP 1 ${address} 9 typ host`;
    const said = (...lines: readonly string[]) =>
      media(
        answer(
          offered("m=audio 9 RTP/AVP 0", ...ice, ...lines),
          local([{ ...AUDIO, ice: { ufrag: "serv", pwd: "x", candidates: [] } }]),
        ),
      ).some((line) => line === "a=ice-mismatch");
    expect(said(at("192.0.2.7"))).toBe(true);
    expect(said(at("192.0.2.1"))).toBe(false);
    expect(said()).toBe(false);
    expect(said(at("192.0.2.7"), "a=ice-options:trickle")).toBe(false);
    expect(said(at("192.0.2.7"), at("a.local"))).toBe(false);
    expect(said(at("192.0.2.7"), "c=IN IP4 0.0.0.0")).toBe(false);
    expect(said(at("192.0.2.7"), "c=IN IP4 host.example.com")).toBe(false);
  });

  test("fax, messages and files: what the stream brings along", () => {
    const fax: LocalStream = {
      media: "image",
      protos: ["udptl"],
      port: 4000,
      formats: ["t38"],
      attributes: [{ kind: "a", name: "T38FaxVersion", value: "0" }],
    };
    expect(media(answer(example("t38-offer"), local([fax])))).toEqual([
      "m=image 4000 udptl t38",
      "a=T38FaxVersion:0",
    ]);
    const msrp: LocalStream = {
      media: "message",
      protos: ["TCP/MSRP"],
      port: 8888,
      formats: ["*"],
      attributes: [{ kind: "a", name: "accept-types", value: "text/plain" }],
    };
    expect(media(answer(example("rfc4975-8.7-offer"), local([msrp])))).toEqual([
      "m=message 8888 TCP/MSRP *",
      "a=accept-types:text/plain",
    ]);
  });

  test("RFC 5547 §9.1: a file that is offered is received", () => {
    const files: LocalStream = {
      media: "message",
      protos: ["TCP/MSRP"],
      port: 8888,
      formats: ["*"],
    };
    expect(media(answer(example("rfc5547-9.1-offer"), local([files])))).toEqual([
      "m=message 8888 TCP/MSRP *",
      "a=recvonly",
    ]);
  });

  test("the same offer again gets the same answer, version and all", () => {
    const offer = example("desk-phone-offer");
    const { description: first, local: placed } = answer(offer, local([VIDEO, AUDIO]));
    expect(placed.streams.map(({ slot }) => slot)).toEqual([undefined, 0]);
    const again = answer(offer, placed, { local: first, remote: offer }).description;
    expect(again).toBe(first);
    const other = answer(offer, held(placed), { local: first, remote: offer }).description;
    expect(formatSdp(other)).toContain("o=bob 2890844730 2890844731 ");
  });
});
