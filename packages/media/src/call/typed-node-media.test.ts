/** The types of a phone's media. `npm run types` checks them; that they run shows nothing. */
import type { Call, MediaFactory, Phone, VoiceMedia } from "carillon/node";
import type { Codec, Source } from "carillon/rtp";
import { expectTypeOf, test } from "vitest";
import type {
  CodecName,
  MediaSecurity,
  NodeVoice,
  nodeMedia,
  OpusEncoderOptions,
  OpusSampleRate,
  opus,
  Recorder,
  RecordingSink,
} from "../index.ts";

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("a phone that is opened with them has their voice in its calls", () => {
  expectTypeOf<typeof nodeMedia>().returns.toEqualTypeOf<MediaFactory<NodeVoice>>();
  expectTypeOf<NodeVoice>().toExtend<VoiceMedia>();
  compiled(async (open: typeof Phone.open, make: typeof nodeMedia) => {
    const address = "192.0.2.7";
    const phone = await open({ aor: "sip:alice@example.com", media: make({ address }) });
    expectTypeOf(phone.call("sip:bob@192.0.2.9")).toEqualTypeOf<Call<NodeVoice>>();
    const one = make({ address })({ audio: true, video: false });
    // @ts-expect-error: media are made for each call, and not given to all of them
    await open({ aor: "sip:alice@example.com", media: one });
  });
});

test("options of media have one name each, and codecs are named or brought", () => {
  expectTypeOf<CodecName>().toEqualTypeOf<"opus" | "G722" | "PCMU" | "PCMA">();
  expectTypeOf<MediaSecurity>().toEqualTypeOf<"auto" | "none" | "sdes" | "dtls">();
  compiled((make: typeof nodeMedia, own: Codec, source: Source) => {
    make({ address: "192.0.2.7", codecs: ["opus", own], security: "dtls", play: "hello.wav" });
    make({ address: "192.0.2.7", source: () => source });
    // @ts-expect-error: others have to be told where sound goes
    make({ codecs: ["opus"] });
    // @ts-expect-error: no codec is called so here
    make({ address: "192.0.2.7", codecs: ["GSM"] });
    // @ts-expect-error: it is called `dtls`
    make({ address: "192.0.2.7", security: "dtls-srtp" });
    // @ts-expect-error: a function makes one for each call
    make({ address: "192.0.2.7", source });
    // @ts-expect-error: four things can be recorded
    make({ address: "192.0.2.7", record: { path: "a.wav", what: "both" } });
  });
});

test("RFC 6716 §2: Opus has five rates", () => {
  expectTypeOf<OpusSampleRate>().toEqualTypeOf<8000 | 12_000 | 16_000 | 24_000 | 48_000>();
  expectTypeOf<typeof opus>().returns.toEqualTypeOf<Codec>();
  compiled((make: typeof opus) => {
    make({ sampleRate: 16_000, bitrate: 24_000 });
    // @ts-expect-error: 44.1 kHz is no rate of Opus
    make({ sampleRate: 44_100 });
    // @ts-expect-error: what the processor spends is a number
    const options: Pick<OpusEncoderOptions, "complexity"> = { complexity: "high" };
    return options;
  });
});

test("a recorder writes to what takes samples of one rate and one or two channels", () => {
  expectTypeOf<RecordingSink["channels"]>().toEqualTypeOf<1 | 2>();
  compiled((make: typeof Recorder, sink: RecordingSink) => {
    new make(sink, "stereo");
    // @ts-expect-error: a call's sink has no channels
    new make({ write() {} });
    // @ts-expect-error: two sides have two channels
    new make({ ...sink, channels: 3 });
  });
});
