/** The types of a phone in a page. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { CorePhone } from "../ua/index.ts";
import type {
  Call,
  Input,
  InputLost,
  MediaStatistics,
  Mix,
  mix,
  Phone,
  ScreenShare,
  shareScreen,
  statistics,
  WebMedia,
  WebPhoneOptions,
} from "./index.ts";

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("a call in a page has WebRTC media, whose sound and picture are tracks", () => {
  expectTypeOf<Phone>().toExtend<CorePhone<WebMedia>>();
  expectTypeOf<Phone["call"]>().returns.toExtend<Call>();
  expectTypeOf<Call["media"]>().toEqualTypeOf<WebMedia | undefined>();
  expectTypeOf<WebMedia["remote"]>().toEqualTypeOf<MediaStream>();
  expectTypeOf<WebMedia["local"]>().toEqualTypeOf<MediaStream>();
  expectTypeOf<WebMedia["share"]>().toEqualTypeOf<(track: MediaStreamTrack) => Promise<void>>();
  expectTypeOf<WebMedia["sendVoice"]>().toEqualTypeOf<
    (track: MediaStreamTrack | undefined) => Promise<void>
  >();
  compiled(async (phone: Phone, video: HTMLVideoElement) => {
    for await (const call of phone.calls()) {
      video.srcObject = call.media?.remote ?? null;
      // @ts-expect-error: frames of samples are those of Node; a page has tracks
      call.media?.sink.write(new Int16Array(160), 8000);
    }
  });
});

test("a phone in a page has servers, by their URLs", () => {
  expectTypeOf<WebPhoneOptions["servers"]>().toEqualTypeOf<readonly string[]>();
  const options = (_: WebPhoneOptions): void => {};
  compiled(() => {
    options({ aor: "sip:alice@example.com", servers: ["wss://example.com/sip"] });
    // @ts-expect-error: a page can be reached by nobody but its server
    options({ aor: "sip:alice@example.com" });
    // @ts-expect-error: a list, though of one
    options({ aor: "sip:alice@example.com", servers: "wss://example.com/sip" });
    // @ts-expect-error: a page makes no TCP connections
    options({ aor: "sip:alice@example.com", servers: [], transport: "TCP" });
    // @ts-expect-error: a page has its own media
    options({ aor: "sip:alice@example.com", servers: [], media: () => undefined });
  });
});

test("each event of media has its own value, and ends with a signal", () => {
  expectTypeOf<Input>().toEqualTypeOf<"microphone" | "camera">();
  expectTypeOf<InputLost["replacedBy"]>().toEqualTypeOf<string | undefined>();
  compiled((media: WebMedia, { signal }: AbortController) => {
    media.on("input-lost", (lost) => expectTypeOf(lost).toEqualTypeOf<InputLost>(), { signal });
    media.on("change", (nothing) => expectTypeOf(nothing).toEqualTypeOf<undefined>());
    // @ts-expect-error: nothing is called so
    media.on("track", () => {});
    // @ts-expect-error: of a change there is nothing to tell
    media.on("change", (event: Event) => event.target);
  });
});

test("inputs have names, and devices have ids", () => {
  expectTypeOf<WebMedia["useInput"]>().toEqualTypeOf<
    (input: Input, deviceId: string) => Promise<void>
  >();
  compiled((media: WebMedia, device: MediaDeviceInfo) => {
    media.useInput("microphone", device.deviceId);
    // @ts-expect-error: an id, and not the device
    media.useInput("microphone", device);
    // @ts-expect-error: neither of the two
    media.useInput("audioinput", device.deviceId);
  });
});

test("what else a page may do takes a call or its media", () => {
  expectTypeOf<typeof shareScreen>().toEqualTypeOf<(call: Call) => Promise<ScreenShare>>();
  expectTypeOf<typeof mix>().returns.toEqualTypeOf<Mix>();
  compiled(async (make: typeof statistics, call: Call, media: WebMedia) => {
    for await (const one of make(media)) expectTypeOf(one).toEqualTypeOf<MediaStatistics>();
    // @ts-expect-error: of its media, once there are some
    make(call);
    // @ts-expect-error: there may be none yet
    make(call.media);
  });
  expectTypeOf<MediaStatistics["mos"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<MediaStatistics["received"]["audio"]>().toBeNullable();
});
