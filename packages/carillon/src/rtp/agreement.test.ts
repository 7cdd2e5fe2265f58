import { describe, expect, test } from "vitest";
import type { AgreedSlot } from "../sdp/agreed-media.ts";
import { describedCodecs, voiceAgreement } from "./agreement.ts";
import { pcma, pcmu } from "./g711.ts";
import { g722 } from "./g722.ts";

const { payloadType: _, ...dynamic } = pcmu;
const opus = {
  ...dynamic,
  name: "opus",
  clockRate: 48_000,
  sampleRate: 48_000,
  channels: 2,
  fmtp: "useinbandfec=1",
};
const OURS = [opus, g722, pcmu, pcma];

const EVENTS = {
  encoding: "telephone-event",
  channels: 1,
  payloadType: 97,
  receivePayloadType: 102,
};
const agreed = (encoding: string, payloadType: number, clockRateHz = 8000, channels = 1) => ({
  ...{ encoding, payloadType, clockRateHz, channels, params: undefined },
  receivePayloadType: payloadType + 1,
});

const slot = (
  codecs: AgreedSlot["codecs"],
  direction: AgreedSlot["direction"] = "sendrecv",
): AgreedSlot => ({
  ...{
    slot: 0,
    media: "audio",
    proto: "RTP/AVP",
    isActive: true,
    direction,
    codecs,
    transportSlot: 0,
  },
  ...{ remote: undefined, rtcpMux: true, remoteRtcp: undefined, crypto: undefined },
});

describe("what two descriptions agreed on, for a voice", () => {
  test("codecs are described with their numbers, and tones for each of their clocks", () => {
    const rows = describedCodecs(OURS).map((codec) => [
      ...[codec.payloadType, codec.encoding, codec.clockRateHz, codec.channels, codec.params],
    ]);
    expect(rows).toEqual([
      [96, "opus", 48_000, 2, "useinbandfec=1"],
      [9, "G722", 8000, undefined, undefined],
      [0, "PCMU", 8000, undefined, undefined],
      [8, "PCMA", 8000, undefined, undefined],
      [101, "telephone-event", 8000, undefined, "0-15"],
      [102, "telephone-event", 48_000, undefined, "0-15"],
    ]);
  });

  test("the peer's first codec is sent under its number, all are heard under ours", () => {
    const { send, receive, events } = voiceAgreement(
      slot([agreed("OPUS", 111, 48_000, 2), agreed("PCMA", 8), agreed("GSM", 3)]),
      OURS,
    );
    expect(send).toMatchObject({ payloadType: 111, codec: opus });
    expect(receive.map(({ payloadType, codec }) => [payloadType, codec.name])).toEqual([
      ...[
        [112, "opus"],
        [9, "PCMA"],
      ],
    ]);
    expect(events).toBeUndefined();
  });

  test("RFC 3264 §6.1: nothing is sent where we only hear, nor heard where we only speak", () => {
    const of = (direction: AgreedSlot["direction"]) => {
      const { send, receive } = voiceAgreement(slot([agreed("PCMU", 0)], direction), OURS);
      return [send !== undefined, receive.length];
    };
    expect([of("sendrecv"), of("sendonly"), of("recvonly"), of("inactive")]).toEqual([
      ...[
        [true, 1],
        [true, 0],
        [false, 1],
        [false, 0],
      ],
    ]);
  });

  test("RFC 4733 §2.5.1.1: tones count as the sound does, of those that the peer hears", () => {
    const audio = agreed("opus", 96, 48_000, 2);
    const [low, high] = [8000, 48_000].map((clockRateHz) => ({ ...EVENTS, clockRateHz }));
    if (!low || !high) throw new Error("two");
    const of = (...codecs: AgreedSlot["codecs"]) =>
      voiceAgreement(slot([audio, ...codecs]), OURS).events;
    expect(of({ ...low, params: "0-11" }, { ...high, payloadType: 98, params: "0-2" })).toEqual({
      ...{ send: 98, receive: 102, clockRate: 48_000, known: [0, 1, 2] },
    });
    //= RFC 4733 §2.5.1.1
    //# If the sender receives an "events" parameter from the receiver, it MUST restrict the set of
    //# events it sends to those listed in the received "events" parameter. For backward
    //# compatibility, if no "events" parameter is received, the sender SHOULD assume support for
    //# the DTMF events 0-15 but for no other events.
    expect(of({ ...low, params: undefined })).toMatchObject({
      clockRate: 8000,
      known: { length: 16 },
    });
    expect(of({ ...low, params: "nonsense" })).toMatchObject({ known: [] });
  });
});
