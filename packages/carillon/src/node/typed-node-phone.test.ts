/** The types of a phone on Node. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { Sink, Source, VoiceStatistics } from "../rtp/index.ts";
import type {
  Address,
  Call,
  CorePhone,
  MediaFactory,
  MediaSession,
  NodePhoneOptions,
  Phone,
  SrtpPolicy,
  VoiceMedia,
  VoiceOptions,
  VoicePhoneOptions,
  voice,
} from "./index.ts";

type Open = typeof Phone.open;
type New = typeof Phone;

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

interface Drums extends MediaSession {
  beat(): void;
}

test("sound on Node is frames of 16-bit samples, read and written", () => {
  expectTypeOf<Source["read"]>().toEqualTypeOf<
    (samples: number) => Int16Array | undefined | null
  >();
  expectTypeOf<Source["sampleRate"]>().toEqualTypeOf<number>();
  expectTypeOf<Sink["write"]>().toEqualTypeOf<(pcm: Int16Array, sampleRate: number) => void>();
  expectTypeOf<VoiceMedia["source"]>().toEqualTypeOf<Source | undefined>();
  expectTypeOf<VoiceMedia["sink"]>().toEqualTypeOf<Sink | undefined>();
  expectTypeOf<VoiceMedia["statistics"]>().toEqualTypeOf<VoiceStatistics | undefined>();
  compiled((media: VoiceMedia) => {
    media.source = { sampleRate: 16_000, read: (samples) => new Int16Array(samples) };
    // @ts-expect-error: samples of 16 bits
    media.source = { sampleRate: 16_000, read: (samples) => new Float32Array(samples) };
    // @ts-expect-error: how often it is sampled has to be known
    media.source = { read: (samples: number) => new Int16Array(samples) };
    // @ts-expect-error: frames come when they are asked for, and are not waited for
    media.source = { sampleRate: 16_000, read: async () => new Int16Array(320) };
    // @ts-expect-error: a page has tracks; on Node there are none
    media.sink = new MediaStreamTrack();
  });
});

test("a phone has the media that it was opened with, and a voice of its own without any", () => {
  expectTypeOf<Phone<Drums>>().toExtend<CorePhone<Drums>>();
  compiled(async (open: Open, own: VoicePhoneOptions, brought: NodePhoneOptions<Drums>) => {
    const [voiced, drummed] = [await open(own), await open(brought)];
    expectTypeOf(voiced).toEqualTypeOf<Phone<VoiceMedia>>();
    expectTypeOf(drummed).toEqualTypeOf<Phone<Drums>>();
    expectTypeOf(voiced.call("sip:b@192.0.2.7")).toEqualTypeOf<Call<VoiceMedia>>();
    for await (const call of drummed.calls()) call.media?.beat();
    for await (const call of voiced.calls()) {
      expectTypeOf(call.media).toEqualTypeOf<VoiceMedia | undefined>();
      // @ts-expect-error: a voice does not drum
      call.media?.beat();
    }
    expectTypeOf(voiced.addresses).toEqualTypeOf<readonly Address[]>();
    // @ts-expect-error: sockets are bound before there is a phone
    open(own).call("sip:b@192.0.2.7");
  });
});

test("a phone is made as in a page, from its address, its password and its servers", () => {
  const face = { aor: "sip:alice@example.com", password: "x", servers: ["wss://example.com/sip"] };
  compiled((Made: New, media: MediaFactory<Drums>) => {
    expectTypeOf(new Made(face)).toEqualTypeOf<Phone<VoiceMedia>>();
    expectTypeOf(new Made({ ...face, media })).toEqualTypeOf<Phone<Drums>>();
    // @ts-expect-error: who it is has to be known
    new Made({ servers: face.servers });
    // @ts-expect-error: the world is Node, and not told
    new Made(face, {});
  });
});

test("options of a phone on Node have one name each", () => {
  const aor = "sip:alice@example.com";
  compiled((open: Open, media: MediaFactory<Drums>) => {
    open({ aor, server: { host: "192.0.2.1", port: 5060 }, transport: "TLS" });
    open({ aor, voice: { srtp: "require" } });
    // @ts-expect-error: the transports of Node; a WebSocket is a URL in `servers`
    open({ aor, server: { host: "192.0.2.1", port: 5060 }, transport: "WSS" });
    // @ts-expect-error: an address has a port
    open({ aor, server: { host: "192.0.2.1" } });
    // @ts-expect-error: it is called `servers`
    open({ aor, registrar: "sip:example.com" });
    // @ts-expect-error: one's own media know nothing of the phone's voice
    open({ aor, media, voice: { srtp: "require" } });
  });
});

test("a voice says where it is, and how it is encrypted", () => {
  expectTypeOf<SrtpPolicy>().toEqualTypeOf<"off" | "offer" | "require">();
  expectTypeOf<typeof voice>().toEqualTypeOf<(options: VoiceOptions) => MediaFactory<VoiceMedia>>();
  compiled((make: typeof voice) => {
    make({ address: () => "192.0.2.7" });
    // @ts-expect-error: others have to be told where sound goes
    make({ srtp: "require" });
    // @ts-expect-error: one of three words
    make({ address: "192.0.2.7", srtp: true });
  });
});
