import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Call } from "../ua/call.ts";
import { limitBitrate } from "./bitrate.ts";
import { shareScreen } from "./screen.ts";
import { Tones } from "./tones.ts";
import { type InputLost, WebMedia } from "./web-media.ts";

const given: Track[] = [];

beforeEach(() => {
  given.length = 0;
  const track = (kind: string, id = `${kind} of the system`) => {
    const one = new Track(kind, id);
    given.push(one);
    return one;
  };
  const idOf = (wanted: unknown) => (wanted as { deviceId?: { exact: string } }).deviceId?.exact;
  vi.stubGlobal("MediaStream", Stream);
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getUserMedia: async (wanted: { audio?: unknown; video?: unknown }) =>
        new Stream(
          (["audio", "video"] as const)
            .filter((kind) => wanted[kind])
            .map((kind) => track(kind, idOf(wanted[kind]))),
        ),
      getDisplayMedia: async () => new Stream([track("video", "a screen")]),
    },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function media(video: boolean) {
  const it = new WebMedia({ audio: true, video });
  await it.offer();
  const connection = it.peerConnection as unknown as Connection;
  const sent = () => connection.senders.map(({ track }) => track?.label ?? "nothing");
  return { it, connection, sent };
}

const live = () => given.filter((one) => one.readyState === "live").map(({ label }) => label);

test("another microphone is sent without a negotiation, and the first is let go of", async () => {
  const { it, sent, connection } = await media(false);
  const offers = connection.offers;
  it.setMuted(true);
  await it.useInput("microphone", "a headset");
  expect([sent(), live()]).toEqual([["a headset"], ["a headset"]]);
  expect([connection.offers, it.muted, given.at(-1)?.enabled]).toEqual([offers, true, false]);
});

test("a camera that is off stays off when another is chosen", async () => {
  const { it, sent } = await media(true);
  await it.setCamera(false);
  await it.useInput("camera", "a webcam");
  expect(sent()).toEqual(["audio of the system", "nothing"]);
});

test("a microphone that is pulled out is replaced by the system's, and that is told", async () => {
  const { it, sent } = await media(false);
  await it.useInput("microphone", "a headset");
  const lost: InputLost[] = [];
  it.on("input-lost", (event) => void lost.push(event));
  given.at(-1)?.pulledOut();
  await settled();
  expect(sent()).toEqual(["audio of the system"]);
  expect(lost).toEqual([
    { input: "microphone", label: "a headset", replacedBy: "audio of the system" },
  ]);
});

test("with no other microphone the call goes on without one, and that is told, too", async () => {
  const { it, sent } = await media(false);
  const lost: InputLost[] = [];
  it.on("input-lost", (event) => void lost.push(event));
  const none = async () => Promise.reject(new DOMException("none", "NotFoundError"));
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: none } });
  given.at(-1)?.pulledOut();
  await settled();
  expect(lost).toEqual([{ input: "microphone", label: "audio of the system" }]);
  expect([sent(), it.muted]).toEqual([["nothing"], true]);
});

test("a voice mixed elsewhere is sent in place of the microphone, but not on hold", async () => {
  const { it, sent } = await media(false);
  const mixed = new Track("audio", "a mix");
  await it.sendVoice(mixed as unknown as MediaStreamTrack);
  await it.useInput("microphone", "a headset");
  expect(sent()).toEqual(["a mix"]);
  await it.want({ audio: true, video: false, held: true });
  expect(mixed.enabled).toBe(false);
  await it.sendVoice(undefined);
  expect(sent()).toEqual(["a headset"]);
});

/** A call with these media, and what was asked of it. */
function callWith(it: WebMedia) {
  const asked: string[] = [];
  const call = {
    media: it,
    state: { name: "Established" },
    async change({ video }: { video: boolean }) {
      asked.push(video ? "video" : "voice");
      await it.want({ audio: true, video, held: false });
    },
  };
  return { asked, call: call as unknown as Call<WebMedia> };
}

test("a screen takes the camera's place, and gives it back", async () => {
  const { it, sent } = await media(true);
  const { call, asked } = callWith(it);
  const share = await shareScreen(call);
  expect([sent()[1], it.sharing, it.cameraOn]).toEqual(["a screen", true, false]);
  expect(live()).toEqual(["audio of the system", "a screen"]);
  await share.stop();
  await share.ended;
  expect([sent()[1], it.sharing, it.cameraOn]).toEqual(["video of the system", false, true]);
  expect(asked, "nothing was negotiated").toEqual([]);
});

test("a voice call has a picture as long as a screen is shown", async () => {
  const { it, sent } = await media(false);
  const { call, asked } = callWith(it);
  const share = await shareScreen(call);
  expect([asked, sent()[1]]).toEqual([["video"], "a screen"]);
  // The browser's own button.
  given.at(-1)?.pulledOut();
  await share.ended;
  await settled();
  expect(asked).toEqual(["video", "voice"]);
  expect([it.sharing, sent()[1]]).toEqual([false, "nothing"]);
});

test("the camera that is turned on takes the screen's place, and that ends it", async () => {
  const { it, sent } = await media(true);
  const share = await shareScreen(callWith(it).call);
  await it.setCamera(true);
  await share.ended;
  expect([sent()[1], live()]).toEqual([
    "video of the system",
    ["audio of the system", "video of the system"],
  ]);
});

test("what the other side refuses is let go of, and no screen is no call's end", async () => {
  const { it } = await media(false);
  const { call } = callWith(it);
  call.change = async () => Promise.reject(new Error("They refused."));
  await expect(shareScreen(call)).rejects.toThrow("They refused.");
  expect(live()).toEqual(["audio of the system"]);
  const refused = async () => Promise.reject(new DOMException("no", "NotAllowedError"));
  vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia: refused } });
  await expect(shareScreen(call)).rejects.toThrow("No screen was chosen.");
});

test("limits are set for the kinds that are named, and taken away again", async () => {
  const { it, connection } = await media(true);
  const rates = () =>
    connection.senders.map(({ parameters }) => parameters.encodings[0]?.maxBitrate);
  await limitBitrate(it, { video: 300_000.7 });
  expect(rates()).toEqual([undefined, 300_000]);
  await limitBitrate(it, { audio: 24_000 });
  expect(rates()).toEqual([24_000, 300_000]);
  await limitBitrate(it, { video: undefined });
  expect(rates()).toEqual([24_000, undefined]);
  await expect(limitBitrate(it, { audio: 0 })).rejects.toThrow(RangeError);
});

test("tones go one after the other, and to nobody who takes none", async () => {
  vi.useFakeTimers();
  const played: string[] = [];
  const dtmf = Object.assign(new EventTarget(), {
    canInsertDTMF: true,
    insertDTMF: (tones: string) => {
      played.push(tones);
      const ended = Object.assign(new Event("tonechange"), { tone: "" });
      setTimeout(() => dtmf.dispatchEvent(ended), 170 * tones.length);
    },
  });
  const sender = { dtmf } as unknown as RTCRtpSender;
  const tones = new Tones();
  const both = [tones.send(sender, "12"), tones.send(sender, "3")];
  await vi.advanceTimersByTimeAsync(300);
  expect(played).toEqual(["12"]);
  await vi.advanceTimersByTimeAsync(300);
  await Promise.all(both);
  expect(played).toEqual(["12", "3"]);
  dtmf.canInsertDTMF = false;
  await expect(tones.send(sender, "1")).rejects.toThrow("takes no tones");
  await expect(tones.send(undefined, "1")).rejects.toThrow("takes no tones");
  vi.useRealTimers();
});

const answer = (ufrag: string) =>
  `m=audio 9 RTP/AVP 0\r\na=ice-ufrag:${ufrag}\r\na=ice-pwd:p\r\na=mid:0\r\n`;

test("RFC 3960: of several devices with early media the first is heard", async () => {
  const { it, connection } = await media(false);
  await it.preview(answer("desk"));
  await it.preview(answer("mobile"));
  await it.preview(answer("desk"));
  expect(connection.described).toEqual(["pranswer desk", "pranswer desk"]);
  const lost: string[] = [];
  it.onlost = (why) => void lost.push(why);
  await it.accept(answer("desk"));
  await settled();
  expect(lost).toEqual([]);
});

test("another device than the one that was heard has its way looked for anew", async () => {
  const { it } = await media(false);
  const lost: string[] = [];
  it.onlost = (why) => void lost.push(why);
  await it.preview(answer("desk"));
  await it.accept(answer("mobile"));
  await settled();
  expect(lost).toEqual(["Another device has answered than the one that was heard before."]);
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

class Track extends EventTarget {
  readonly kind: string;
  readonly label: string;
  enabled = true;
  readyState = "live";
  contentHint = "";

  constructor(kind: string, label: string) {
    super();
    this.kind = kind;
    this.label = label;
  }

  stop(): void {
    this.readyState = "ended";
  }

  pulledOut(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

class Stream {
  #tracks: Track[];

  constructor(tracks: Track[] = []) {
    this.#tracks = tracks;
  }

  getTracks = (): Track[] => [...this.#tracks];
  getAudioTracks = (): Track[] => this.#tracks.filter(({ kind }) => kind === "audio");
  getVideoTracks = (): Track[] => this.#tracks.filter(({ kind }) => kind === "video");
  addTrack = (track: Track): void => {
    this.#tracks.push(track);
  };
  removeTrack = (track: Track): void => {
    this.#tracks = this.#tracks.filter((one) => one !== track);
  };
}

interface Sender {
  track: Track | null;
  parameters: { encodings: { maxBitrate?: number }[] };
}

class Connection extends EventTarget {
  readonly iceGatheringState = "complete";
  readonly localDescription = { sdp: "v=0" };
  signalingState = "stable";
  offers = 0;
  readonly described: string[] = [];
  readonly senders: Sender[] = [];
  readonly #transceivers: object[] = [];

  getSenders = () => this.senders;
  getReceivers = () => [];
  getTransceivers = () => this.#transceivers;
  addTrack(track: Track): Sender {
    const sender = {
      track: track as Track | null,
      parameters: { encodings: [{}] },
      getParameters: () => structuredClone(sender.parameters),
      async setParameters(parameters: Sender["parameters"]) {
        sender.parameters = parameters as typeof sender.parameters;
      },
      async replaceTrack(other: Track | null) {
        sender.track = other;
      },
    };
    this.senders.push(sender);
    const receiver = { track: { kind: track.kind } };
    this.#transceivers.push({ receiver, sender, direction: "sendrecv" });
    return sender;
  }
  addTransceiver(): void {}
  async createOffer() {
    this.offers++;
    return { type: "offer" };
  }
  async setLocalDescription(): Promise<void> {}
  async setRemoteDescription({ type, sdp }: { type: string; sdp: string }) {
    this.described.push(`${type} ${/ice-ufrag:(\S+)/.exec(sdp)?.[1]}`);
  }
  close(): void {}
}
