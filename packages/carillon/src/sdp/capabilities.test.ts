import fc from "fast-check";
import { expect, test } from "vitest";
import { capabilities, sessionIdOf } from "./capabilities.ts";
import { formatSdp, originOf, parseSdp } from "./description.ts";
import type { LocalMedia } from "./local-media.ts";

const CAROL: LocalMedia = {
  origin: {
    username: "carol",
    sessionId: "1",
    sessionVersion: "7",
    netType: "IN",
    addressType: "IP4",
    address: "100.3.6.6",
  },
  address: { addressType: "IP4", address: "192.0.2.4" },
  bundle: true,
  streams: [
    {
      media: "audio",
      protos: ["UDP/TLS/RTP/SAVPF"],
      port: 5004,
      mid: "a",
      codecs: [
        { encoding: "PCMU", clockRateHz: 8000 },
        {
          ...{ encoding: "opus", clockRateHz: 48_000, channels: 2, params: "useinbandfec=1" },
          feedback: ["transport-cc"],
        },
      ],
      rtcpMux: true,
      ice: { ufrag: "serv", pwd: "secret".repeat(4), candidates: [] },
      dtls: { fingerprints: [{ hash: "sha-256", value: Array(32).fill("AB").join(":") }] },
      msids: [{ id: "me", appdata: undefined }],
      ptimeMs: 20,
      maxptimeMs: 60,
      headerExtensions: [{ uri: "urn:ietf:params:rtp-hdrext:sdes:mid", id: 3 }],
    },
    {
      media: "video",
      protos: ["RTP/AVP"],
      port: 5006,
      codecs: [{ encoding: "H261", clockRateHz: 90_000 }],
    },
    {
      media: "application",
      protos: ["UDP/DTLS/SCTP"],
      port: 5010,
      slot: 7,
      formats: ["webrtc-datachannel"],
      sctp: { port: 5000, maxMessageBytes: 65_536 },
    },
    {
      media: "message",
      protos: ["TCP/MSRP"],
      port: 5012,
      formats: ["*"],
      attributes: [
        { kind: "a", name: "accept-types", value: "text/plain" },
        { kind: "a", name: "path", value: "msrp://192.0.2.4:5012/s;tcp" },
      ],
    },
    {
      media: "image",
      protos: ["udptl"],
      port: 5008,
      formats: ["t38"],
      attributes: [{ kind: "a", name: "T38FaxVersion", value: "0" }],
    },
  ],
};

//= RFC 3264 §9
//# It MUST be a valid SDP, except that it MAY omit both "e=" and "p=" lines. The "t=" line MUST be
//# equal to "0 0". For each media type supported by the agent, there MUST be a corresponding media
//# description of that type.
//= RFC 3264 §9
//# The port MUST be set to zero, but the connection address is arbitrary.
//= RFC 3264 §9
//# In the case of RTP, if dynamic payload types are used, an rtpmap attribute MUST be present to
//# bind the type to a specific format.
test("RFC 3264 §9: all that can be done, at port zero, and nothing that belongs to a call", () => {
  const told = capabilities(CAROL, [0, 28_908_764]);
  expect(parseSdp(formatSdp(told))).toEqual({ ok: true, value: told });
  expect(formatSdp(told).trimEnd().split("\r\n")).toEqual([
    "v=0",
    "o=carol 28908764 1 IN IP4 100.3.6.6",
    "s=-",
    "c=IN IP4 192.0.2.4",
    "t=0 0",
    "m=audio 0 UDP/TLS/RTP/SAVPF 0 96",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:96 opus/48000/2",
    "a=fmtp:96 useinbandfec=1",
    "a=rtcp-fb:96 transport-cc",
    "a=ptime:20",
    "a=maxptime:60",
    "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=rtcp-mux",
    "m=video 0 RTP/AVP 31",
    "a=rtpmap:31 H261/90000",
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    "a=sctp-port:5000",
    "a=max-message-size:65536",
    "m=message 0 TCP/MSRP *",
    "a=accept-types:text/plain",
    "m=image 0 udptl t38",
    "a=T38FaxVersion:0",
  ]);
});

//= RFC 3264 §9
//# The session ID in the origin field MUST be unique for each SDP constructed to indicate media
//# capabilities.
test("RFC 3264 §9: other random bits are another session, all 63 of them", () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const bits = fc.tuple(word, word);
  fc.assert(
    fc.property(bits, bits, (a, b) => {
      const isSame = ((a[0] ^ b[0]) & 0x7fff_ffff) === 0 && a[1] === b[1];
      const [one, other] = [capabilities(CAROL, a), capabilities(CAROL, b)];
      expect(originOf(one).sessionId === originOf(other).sessionId).toBe(isSame);
    }),
    { numRuns: 100 },
  );
  expect(sessionIdOf(2 ** 32 - 1, 2 ** 32 - 1)).toBe(`${2n ** 63n - 1n}`);
});
