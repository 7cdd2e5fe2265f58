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
  media.onchange = () => told++;
  const come = ["audio", "audio", "video"].map((kind) => new Track(kind));
  for (const track of come) {
    media.peerConnection.dispatchEvent(Object.assign(new Event("track"), { track }));
  }
  expect(media.remote.getTracks()).toEqual(come);
  expect(told).toBe(3);
});

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
  readonly #senders: { track: Track | null }[] = [];

  getSenders = () => this.#senders;
  addTrack(track: Track) {
    const sender = {
      track: track as Track | null,
      async replaceTrack(other: Track | null) {
        sender.track = other;
      },
    };
    this.#senders.push(sender);
    return sender;
  }
  addTransceiver(): void {}
  async createOffer() {
    return {};
  }
  async setLocalDescription() {}
  close(): void {}
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
