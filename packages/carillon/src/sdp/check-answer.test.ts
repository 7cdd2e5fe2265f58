import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { checkAnswer } from "./check-answer.ts";
import { type Description, parseSdp } from "./description.ts";

const example = (name: string): Description =>
  sdp(fromBytes(readFileSync(new URL(`./examples/${name}.sdp`, import.meta.url))));
const sdp = (text: string): Description => {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const HEAD = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";
const lines = (...all: readonly string[]): Description => sdp(`${HEAD}${all.join("\n")}\n`);
const judged = (offer: Description, answer: Description): string => {
  const result = checkAnswer(offer, answer);
  return result.ok ? "fine" : `${result.error.message} (${result.error.source})`;
};
const AUDIO = "m=audio 9 RTP/AVP 0";

describe("the RFCs' own answers answer their offers", () => {
  test.each([
    ["rfc3264-10.1-offer", "rfc3264-10.1-answer"],
    ["rfc3264-10.1-second-offer", "rfc3264-10.1-second-answer"],
    ["rfc3264-10.2-offer", "rfc3264-10.2-answer"],
    ["rfc3264-10.2-second-offer", "rfc3264-10.2-second-answer"],
    ["rfc4568-7.1.5-offer", "rfc4568-7.1.5-answer"],
    ["rfc4975-8.7-offer", "rfc4975-8.7-answer"],
    ["rfc5547-9.1-offer", "rfc5547-9.1-answer"],
    ["rfc8829-7.1-offer", "rfc8829-7.1-answer"],
    ["rfc8829-7.2-offer-b1", "rfc8829-7.2-answer-b1"],
    ["rfc8829-7.2-offer-b2", "rfc8829-7.2-answer-b2"],
    ["rfc8829-7.3-offer-c1", "rfc8829-7.3-answer-c1"],
    ["rfc8843-7.2.2-offer", "rfc8843-7.3.4-answer"],
    ["rfc8843-18.2-offer", "rfc8843-18.2-answer"],
    ["rfc8843-18.3-offer", "rfc8843-18.3-answer"],
    ["rfc8843-18.4-offer", "rfc8843-18.4-answer"],
    ["rfc8843-18.5-offer", "rfc8843-18.5-answer"],
    ["rfc8853-5.6.1-offer", "rfc8853-5.6.1-answer"],
  ])("%s", (offer, answer) => expect(judged(example(offer), example(answer))).toBe("fine"));
});

//= RFC 3264 §6
//# The answer MUST contain exactly the same number of "m=" lines as the offer.
//= RFC 3264 §6.1
//# The media type of the stream in the answer MUST match that of the offer.
//= RFC 3264 §8.2
//# A stream that is offered with a port of zero MUST be marked with port zero in the answer.
//= RFC 3264 §6.1
//# If a stream is offered with a unicast address, the answer for that stream MUST contain a unicast
//# address.
//= RFC 3264 §6.1
//# For streams marked as sendrecv in the answer, the "m=" line MUST contain at least one codec the
//# answerer is willing to both send and receive, from amongst those listed in the offer.
describe("RFC 3264 §6: what does not answer", () => {
  test.each([
    ["too few sections", [AUDIO, AUDIO], [AUDIO], "2 media sections were offered, 1 came"],
    ["another media type", [AUDIO], ["m=video 9 RTP/AVP 0"], "audio was offered, video came"],
    ["another protocol", [AUDIO], ["m=audio 9 RTP/SAVP 0"], "RTP/AVP was offered, RTP/SAVP came"],
    ["what was not wanted", ["m=audio 0 RTP/AVP 0"], [AUDIO], "not offered, but taken"],
    ["no common format", [AUDIO], ["m=audio 9 RTP/AVP 8"], "none of the offered formats"],
    [
      "another codec under the same number",
      ["m=audio 9 RTP/AVP 96", "a=rtpmap:96 opus/48000/2"],
      ["m=audio 9 RTP/AVP 96", "a=rtpmap:96 speex/8000"],
      "none of the offered formats",
    ],
    [
      "no common format that is no payload type",
      ["m=image 9 udptl t38"],
      ["m=image 9 udptl x"],
      "none of the offered formats",
    ],
    [
      "a multicast address",
      [AUDIO],
      [AUDIO, "c=IN IP4 233.252.0.1/127"],
      "a multicast address answers a unicast one",
    ],
    ["another tag", [AUDIO, "a=mid:0"], [AUDIO, "a=mid:1"], "another identification tag"],
    ["mux that nobody offered", [AUDIO], [AUDIO, "a=rtcp-mux"], "a=rtcp-mux was not offered"],
    [
      "no mux, where there is no other way",
      [AUDIO, "a=rtcp-mux", "a=rtcp-mux-only"],
      [AUDIO],
      "a=rtcp-mux is missing",
    ],
    [
      "a key that was not offered",
      ["m=audio 9 RTP/SAVP 0", "a=crypto:1 A inline:x"],
      ["m=audio 9 RTP/SAVP 0", "a=crypto:2 A inline:x"],
      "no offered a=crypto",
    ],
    ["no key at all", ["m=audio 9 RTP/SAVP 0"], ["m=audio 9 RTP/SAVP 0"], "no offered a=crypto"],
    ["a key that nobody offered", [AUDIO], [AUDIO, "a=crypto:1 A inline:x"], "no offered a=crypto"],
  ] as const)("%s", (_, offer, answer, expected) => {
    expect(judged(lines(...offer), lines(...answer))).toContain(expected);
  });

  test("keys offered beside RTP/AVP may be passed over", () => {
    expect(judged(lines(AUDIO, "a=crypto:1 A inline:x"), lines(AUDIO))).toBe("fine");
  });

  test("a section without RTP may leave its direction out, not turn it round", () => {
    const fax = "m=image 9 udptl t38";
    expect(judged(lines(fax, "a=sendonly"), lines(fax))).toBe("fine");
    expect(judged(lines(fax, "a=sendonly"), lines(fax, "a=sendonly"))).toContain("§6.1");
  });

  test("direction", () => {
    const directions = ["sendrecv", "sendonly", "recvonly", "inactive"];
    const fine = directions.map((offer) =>
      directions.filter(
        (answer) => judged(lines(AUDIO, `a=${offer}`), lines(AUDIO, `a=${answer}`)) === "fine",
      ),
    );
    expect(fine).toEqual([
      directions,
      ["recvonly", "inactive"],
      ["sendonly", "inactive"],
      ["inactive"],
    ]);
  });
});

describe("what is agreed", () => {
  test("the answer's numbers are sent, ours received", () => {
    const result = checkAnswer(
      lines("m=audio 9 RTP/AVP 96 0", "a=rtpmap:96 opus/48000/2"),
      lines(
        "m=audio 7 RTP/AVP 0 111",
        "c=IN IP4 192.0.2.9",
        "a=rtpmap:111 opus/48000/2",
        "a=recvonly",
      ),
    );
    expect(result).toMatchObject({
      value: [
        {
          slot: 0,
          isActive: true,
          direction: "sendonly",
          remote: { address: "192.0.2.9", port: 7 },
          codecs: [
            { encoding: "PCMU", payloadType: 0, receivePayloadType: 0 },
            { encoding: "opus", payloadType: 111, receivePayloadType: 96 },
          ],
        },
      ],
    });
  });

  test("bundled sections send to the tagged one", () => {
    const result = checkAnswer(example("rfc8843-7.2.2-offer"), example("rfc8843-7.3.4-answer"));
    expect(
      result.ok && result.value.map((slot) => [slot.transportSlot, slot.remote?.port]),
    ).toEqual([
      [0, 20_000],
      [0, 20_000],
    ]);
  });

  test("refused sections carry nothing", () => {
    const result = checkAnswer(example("rfc3264-10.1-offer"), example("rfc3264-10.1-answer"));
    expect(result.ok && result.value[1]).toMatchObject({
      isActive: false,
      direction: "inactive",
      codecs: [],
      remote: undefined,
    });
  });
});

//= RFC 8843 §7.4
//# When an offerer receives an answer, if the answer contains a BUNDLE group, the offerer MUST
//# check that any bundled "m=" section in the answer was indicated as bundled in the corresponding
//# offer.
test("RFC 8843 §7.4: a group that was not offered", () => {
  const offer = lines("a=group:BUNDLE 0", AUDIO, "a=mid:0", "a=rtcp-mux");
  const answer = lines("a=group:BUNDLE 0 1", AUDIO, "a=mid:0", "a=rtcp-mux");
  expect(judged(offer, answer)).toContain("a BUNDLE group that was not offered");
});

//= RFC 8122 §5
//# In order to associate media streams with connections and to prevent unauthorized barge-in
//# attacks on the media streams, endpoints MUST provide a certificate fingerprint.
test("RFC 8122 §5, RFC 4145 §4.1: certificates and roles", () => {
  const print = `a=fingerprint:sha-1 ${Array(20).fill("AB").join(":")}`;
  const section = (...more: readonly string[]) => lines("m=audio 9 UDP/TLS/RTP/SAVP 0", ...more);
  const offer = section(print, "a=setup:actpass");
  expect(judged(offer, section(print, "a=setup:active"))).toBe("fine");
  expect(judged(offer, section(print))).toBe("fine");
  expect(judged(offer, section("a=setup:active"))).toContain("no usable fingerprint");
  expect(judged(offer, section(print, "a=setup:actpass"))).toContain("a=setup:actpass to actpass");
  const passive = section(print, "a=setup:passive");
  expect(judged(passive, section(print, "a=setup:passive"))).toContain("RFC 4145 §4.1");
});
