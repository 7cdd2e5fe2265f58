import { afterEach, expect, test, vi } from "vitest";
import { WebMedia } from "./web-media.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a camera that is turned off is let go of, and taken again when it is turned on", async () => {
  const given = browser();
  const media = new WebMedia({ audio: true, video: true });
  await media.offer();
  expect(media).toMatchObject({ hasCamera: true, cameraOn: true });
  await media.setCamera(false);
  expect(media).toMatchObject({ hasCamera: true, cameraOn: false });
  expect(live(given)).toEqual(["audio"]);
  await media.setCamera(true);
  expect(media.cameraOn).toBe(true);
  expect(live(given)).toEqual(["audio", "video"]);
});

test("two presses while the browser still asks take one camera", async () => {
  const given = browser();
  const media = new WebMedia({ audio: true, video: true });
  await media.offer();
  await media.setCamera(false);
  await Promise.all([media.setCamera(true), media.setCamera(true)]);
  expect(live(given)).toEqual(["audio", "video"]);
});

test("a camera that comes after the call has ended is let go of at once", async () => {
  const given = browser();
  const media = new WebMedia({ audio: true, video: true });
  await media.offer();
  await media.setCamera(false);
  const on = media.setCamera(true);
  media.close();
  await on;
  expect(live(given)).toEqual([]);
});

test("a voice call has no camera to turn on", async () => {
  const given = browser();
  const media = new WebMedia({ audio: true, video: false });
  await media.offer();
  await media.setCamera(true);
  expect(media).toMatchObject({ hasCamera: false, cameraOn: false });
  expect(live(given)).toEqual(["audio"]);
});

//= RFC 3264 §5.1
//# First, when receiving multiple streams of the same type, each stream MUST be mapped to at least
//# one sink for the purpose of presentation to the user.
test("RFC 3264 §5.1: every stream that comes is in what the page plays", () => {
  browser();
  const media = new WebMedia({ audio: true, video: true });
  let told = 0;
  media.on("change", () => void told++);
  const come = ["audio", "audio", "video"].map((kind) => new Track(kind));
  for (const track of come) {
    media.peerConnection.dispatchEvent(Object.assign(new Event("track"), { track }));
  }
  expect(media.remote.getTracks()).toEqual(come);
  expect(told).toBe(3);
});

test("RFC 3264 §8.4 a held call sends nothing to hear or see, and resumes as it was", async () => {
  const given = browser();
  const media = new WebMedia({ audio: true, video: true });
  await media.offer();
  await media.accept("their answer");
  media.setMuted(true);
  await media.want({ audio: true, video: true, held: true });
  await media.offer();
  expect(directions(media)).toEqual(["audio sendonly", "video sendonly"]);
  expect(given.map(({ enabled }) => enabled)).toEqual([false, false]);
  await media.want({ audio: true, video: true, held: false });
  await media.offer();
  expect(directions(media)).toEqual(["audio sendrecv", "video sendrecv"]);
  expect(
    given.map(({ enabled }) => enabled),
    "still muted",
  ).toEqual([false, true]);
  expect(given, "nothing was captured twice").toHaveLength(2);
});

test("a voice call becomes a video call, and a voice call again", async () => {
  const given = browser();
  const media = new WebMedia({ audio: true, video: false });
  await media.answer("m=audio 9 RTP/AVP 0");
  expect(directions(media)).toEqual(["audio sendrecv"]);
  await media.want({ audio: true, video: true, held: false });
  await media.offer();
  expect(directions(media)).toEqual(["audio sendrecv", "video sendrecv"]);
  expect(live(given)).toEqual(["audio", "video"]);
  await media.want({ audio: true, video: false, held: false });
  await media.offer();
  expect(directions(media)).toEqual(["audio sendrecv", "video inactive"]);
  expect(live(given)).toEqual(["audio"]);
});

test("who answers a video call with voice sees the other side, also after a hold", async () => {
  browser();
  const media = new WebMedia({ audio: true, video: false });
  await media.answer("m=audio 9 RTP/AVP 0\r\nm=video 9 RTP/AVP 96");
  expect(directions(media)).toEqual(["video recvonly", "audio sendrecv"].toSorted());
  await media.want({ audio: true, video: false, held: true });
  await media.offer();
  expect(directions(media)).toEqual(["audio sendonly", "video inactive"]);
  await media.want({ audio: true, video: false, held: false });
  await media.offer();
  expect(directions(media)).toEqual(["audio sendrecv", "video recvonly"]);
});

test("a camera that is not to be had leaves the call as it was", async () => {
  browser();
  const media = new WebMedia({ audio: true, video: false });
  await media.offer();
  const denied = async () => Promise.reject(new DOMException("no", "NotAllowedError"));
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: denied } });
  const wanted = media.want({ audio: true, video: true, held: false });
  await expect(wanted).rejects.toThrow("The browser was told not to use the camera.");
  await media.offer();
  expect(directions(media)).toEqual(["audio sendrecv"]);
});

test("RFC 8829 §4.1.10.2 an offer that came to nothing is rolled back", async () => {
  browser();
  const media = new WebMedia({ audio: true, video: false });
  await media.offer();
  expect(media.peerConnection.signalingState).toBe("have-local-offer");
  await media.withdraw();
  expect(media.peerConnection.signalingState).toBe("stable");
  await media.withdraw();
  expect(media.peerConnection.signalingState).toBe("stable");
});

const directions = ({ peerConnection }: WebMedia): string[] =>
  peerConnection
    .getTransceivers()
    .map(({ receiver, direction }) => `${receiver.track.kind} ${direction}`);

class Track extends EventTarget {
  readonly kind: string;
  enabled = true;
  readyState = "live";

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.readyState = "ended";
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

class Connection extends EventTarget {
  readonly iceGatheringState = "complete";
  readonly localDescription = { sdp: "v=0" };
  signalingState = "stable";
  readonly #transceivers: Transceiver[] = [];

  getTransceivers = () => this.#transceivers;
  getReceivers = () => [];
  addTrack(track: Track) {
    const sender = {
      track: track as Track | null,
      async replaceTrack(other: Track | null) {
        sender.track = other;
      },
    };
    this.#add(track.kind, sender);
    return sender;
  }
  addTransceiver(kind: string): void {
    this.#add(kind, {});
  }
  #add(kind: string, sender: object): void {
    this.#transceivers.push({ receiver: { track: { kind } }, sender, direction: "sendrecv" });
  }
  async createOffer() {
    return { type: "offer" };
  }
  async createAnswer() {
    return { type: "answer" };
  }
  async setLocalDescription({ type }: { type: string }) {
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
  }
  async setRemoteDescription({ type, sdp }: { type: string; sdp: string }) {
    const video = this.#transceivers.some(({ receiver }) => receiver.track.kind === "video");
    if (!video && sdp.includes("m=video")) this.#add("video", {});
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
  }
  close(): void {}
}

interface Transceiver {
  readonly receiver: { readonly track: { readonly kind: string } };
  readonly sender: object;
  direction: string;
}

/** What of a browser media need; every track it gives is noted. */
function browser(): Track[] {
  const given: Track[] = [];
  const getUserMedia = async (wanted: { audio?: boolean; video?: boolean }): Promise<Stream> => {
    const tracks = (["audio", "video"] as const)
      .filter((kind) => wanted[kind])
      .map((kind) => new Track(kind));
    given.push(...tracks);
    return new Stream(tracks);
  };
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("MediaStream", Stream);
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
  return given;
}

const live = (tracks: readonly Track[]): string[] =>
  tracks.filter(({ readyState }) => readyState === "live").map(({ kind }) => kind);
