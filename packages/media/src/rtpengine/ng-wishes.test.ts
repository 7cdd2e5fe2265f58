import { fromText, toText } from "carillon/message";
import { expect, test } from "vitest";
import { answerWishes, fromRtpengine, offerWishes } from "./ng-wishes.ts";

const side = (transport: "rtp" | "srtp" | "webrtc") => ({
  ...{ tag: "a", address: "192.0.2.1", isBehindNat: false, transport },
});
const HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"];
const made = (...more: readonly string[]): string =>
  [...HEAD, "m=audio 4000 RTP/AVP 0", ...more, ""].join("\r\n");
const told = (text: string, transport: "rtp" | "webrtc"): string =>
  toText(fromRtpengine(fromText(text), side(transport)));

test("What a browser gets of rtpengine is a bundle of one, by the tag that is there", () => {
  expect(told(made("a=mid:7"), "webrtc")).toContain("a=group:BUNDLE 7\r\n");
  expect(told(made(), "webrtc")).toMatch(/a=group:BUNDLE 0\r\n.*a=mid:0\r\n/s);
  expect(told(made(), "rtp")).not.toContain("BUNDLE");
});

test("RFC 4568 §6.1: keys are written with their padding; NULL is no suite of ours", () => {
  const NONE = ["no-NULL_HMAC_SHA1_80", "no-NULL_HMAC_SHA1_32"];
  const [phone, browser] = [side("srtp"), side("webrtc")];
  expect(offerWishes(browser, phone, {})).toMatchObject({ SDES: ["pad", ...NONE] });
  expect(answerWishes(phone)).toMatchObject({ SDES: ["pad", ...NONE] });
  expect(offerWishes(phone, browser, {})).toMatchObject({ SDES: ["off", ...NONE] });
});
