import { describe, expect, test } from "vitest";
import {
  AUDIO,
  DTLS,
  example,
  local,
  media,
  OPUS,
  refusals,
  sdp,
  TONES,
} from "../testing/sdp-answers.ts";
import { answer } from "./answer.ts";
import { readAttribute } from "./attribute/attribute-type.ts";
import { simulcast } from "./attribute/simulcast.ts";
import { formatSdp } from "./description.ts";
import { held, type LocalStream } from "./local-media.ts";

const WEB_AUDIO: LocalStream = {
  ...AUDIO,
  protos: ["UDP/TLS/RTP/SAVPF"],
  codecs: [OPUS, TONES],
  headerExtensions: [{ uri: "urn:ietf:params:rtp-hdrext:sdes:mid", id: 9 }],
  extmapAllowMixed: true,
  ...DTLS,
};
const WEB_VIDEO: LocalStream = {
  ...WEB_AUDIO,
  media: "video",
  port: 30_002,
  codecs: [
    { encoding: "VP8", clockRateHz: 90_000, feedback: ["nack", "nack pli", "ccm fir"] },
    { encoding: "rtx", clockRateHz: 90_000 },
  ],
  receivesSimulcast: true,
};
const DATA: LocalStream = {
  media: "application",
  protos: ["UDP/DTLS/SCTP"],
  port: 30_004,
  formats: ["webrtc-datachannel"],
  sctp: { port: 5000, maxMessageBytes: 262_144 },
  ...DTLS,
};
const WEB = local([WEB_AUDIO, WEB_VIDEO, DATA], { bundle: true });

describe("browsers", () => {
  test.each(["chromium-offer", "firefox-offer", "safari-offer", "rfc8829-7.1-offer"])(
    "%s",
    (name) => {
      const ours = answer(example(name), WEB);
      expect(ours.slots.every(({ kind }) => kind === "Taken")).toBe(true);
      expect(formatSdp(ours.description)).toMatchSnapshot();
    },
  );

  test("RFC 8829 §7.2: the second offer of a session is answered in the roles of the first", () => {
    // Alice offered actpass first and Bob was active; now Bob offers, and Alice stays passive.
    const alice = local([WEB_AUDIO, DATA, WEB_VIDEO, WEB_VIDEO], {
      bundle: true,
      origin: {
        ...WEB.origin,
        username: "-",
        sessionId: "4962303333179871723",
        address: "0.0.0.0",
      },
    });
    const before = {
      local: example("rfc8829-7.2-offer-b1"),
      remote: example("rfc8829-7.2-answer-b1"),
    };
    const text = formatSdp(answer(example("rfc8829-7.2-offer-b2"), alice, before).description);
    expect(text).toContain("o=- 4962303333179871723 2 IN IP4 0.0.0.0\r\n");
    expect(text).toContain("a=group:BUNDLE a1 d1 v1 v2\r\n");
    expect(text.match(/a=setup:.*/g)).toEqual(["a=setup:passive"]);
  });

  //= RFC 8853 §5.2
  //# Simulcast streams using undefined rid-ids MUST NOT be used as valid simulcast streams by an
  //# RTP stream receiver.
  test("RFC 8853 §5.3: layers that are offered are taken, those without a=rid are not", () => {
    const [, section] = answer(example("chromium-offer"), WEB).description.media;
    expect(section && readAttribute(section.lines, simulcast)).toEqual({
      send: [],
      recv: ["h", "m", "l"].map((rid) => [{ rid, paused: false }]),
    });
    const text = formatSdp(example("chromium-offer")).replace("a=rid:m send\r\n", "");
    expect(media(answer(sdp(text), WEB))).toContain("a=simulcast:recv h;l");
    const muted = held(WEB);
    expect(media(answer(sdp(text), muted)).join()).not.toContain("simulcast");
  });

  //= RFC 8842 §5.3
  //# If the answerer receives an offer that does not contain an SDP "tls-id" attribute, the
  //# answerer MUST NOT insert a "tls-id" attribute in the answer.
  test("RFC 8842 §5.3: tls-id for tls-id", () => {
    const tlsId = "abc3de65cddef001be82";
    const dtls = { fingerprints: WEB_AUDIO.dtls?.fingerprints ?? [], tlsId };
    const ours = local([{ ...WEB_AUDIO, dtls }], { bundle: true });
    expect(media(answer(example("rfc8829-7.1-offer"), ours))).toContain(`a=tls-id:${tlsId}`);
    expect(media(answer(example("chromium-offer"), ours))).not.toContain(`a=tls-id:${tlsId}`);
  });

  test("fingerprints that verify nothing are none", () => {
    const text = formatSdp(example("chromium-offer")).replaceAll("sha-256 ", "md5 ");
    expect(refusals(answer(sdp(text), WEB))).toEqual(["keys", "keys", "keys"]);
  });
});
