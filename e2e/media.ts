/** What truly arrived, as the browser itself counts it: frames decoded, energy heard. */
import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** Silence is below this; the fake microphone's beeps are far above. */
const SILENCE_RMS = 0.0005;
const MEDIA_MS = 15_000;

export interface Arrived {
  readonly framesDecoded: number;
  readonly width: number;
  readonly height: number;
  /** Sum over time of the squared level, which is 1 at full scale. */
  readonly audioEnergy: number;
  readonly audioSeconds: number;
  readonly audioPackets: number;
}

declare global {
  interface Window {
    /** Every connection the page made, the newest last. */
    connections?: RTCPeerConnection[];
    /** Every track of a camera or microphone the page was given. */
    tracks?: MediaStreamTrack[];
  }
}

/** Runs in the page before its own scripts, so that those need no hook for tests. */
export function keepMedia(): void {
  const kept: RTCPeerConnection[] = [];
  window.connections = kept;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      kept.push(this);
    }
  };
  const tracks: MediaStreamTrack[] = [];
  window.tracks = tracks;
  const devices = navigator.mediaDevices;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    tracks.push(...stream.getTracks());
    return stream;
  };
}

/** What has arrived over the newest connection that is open; nothing yet is all zeros. */
export function arrived(page: Page): Promise<Arrived> {
  return page.evaluate(async () => {
    const open = window.connections?.filter(({ signalingState }) => signalingState !== "closed");
    const stats = await open?.at(-1)?.getStats();
    const inbound = [...(stats?.values() ?? [])].filter(({ type }) => type === "inbound-rtp");
    const video = inbound.find(({ kind }) => kind === "video");
    const audio = inbound.find(({ kind }) => kind === "audio");
    return {
      framesDecoded: video?.framesDecoded ?? 0,
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      audioEnergy: audio?.totalAudioEnergy ?? 0,
      audioSeconds: audio?.totalSamplesDuration ?? 0,
      audioPackets: audio?.packetsReceived ?? 0,
    };
  });
}

export interface Wanted {
  readonly frames: number;
  readonly audioSeconds: number;
}

/** Waits until sound above silence, and so many frames, have come since now. */
export async function seesAndHears(page: Page, who: string, wanted: Wanted): Promise<string> {
  const before = await arrived(page);
  let last = before;
  const enough = async (): Promise<string | undefined> => {
    last = await arrived(page);
    const frames = last.framesDecoded - before.framesDecoded;
    const rms = level(before, last);
    const seconds = last.audioSeconds - before.audioSeconds;
    if (frames < wanted.frames || seconds < wanted.audioSeconds || rms < SILENCE_RMS) return;
    const picture = wanted.frames > 0 ? `${frames} frames of ${last.width}×${last.height}, ` : "";
    return `${who} ${picture}sound ${decibels(rms)} dB`;
  };
  return until(`${who} sees and hears`, enough, { withinMs: MEDIA_MS }).catch((error: Error) => {
    const facts = `${last.framesDecoded} frames, ${decibels(level(before, last))} dB`;
    throw new Error(`${error.message} (${facts})`);
  });
}

/** Waits for a stretch without any sound; the beeps come once a second. */
export async function hearsSilence(page: Page, who: string): Promise<string> {
  let from = await arrived(page);
  return until(
    `${who} hears silence`,
    async () => {
      const now = await arrived(page);
      if (now.audioSeconds - from.audioSeconds < 1.6) return undefined;
      const rms = level(from, now);
      from = now;
      return rms < SILENCE_RMS ? `${who} hears ${decibels(rms)} dB` : undefined;
    },
    { withinMs: MEDIA_MS },
  );
}

/** Waits for two seconds of the clock in which no sound came at all, not even silence. */
export async function hearsNothing(page: Page, who: string): Promise<string> {
  let from = await arrived(page);
  let sinceMs = performance.now();
  const stretch = async (): Promise<string | undefined> => {
    if (performance.now() - sinceMs < 2000) return undefined;
    const now = await arrived(page);
    const isNothing = now.audioEnergy - from.audioEnergy < 1e-6;
    from = now;
    sinceMs = performance.now();
    return isNothing ? `${who} hears nothing` : undefined;
  };
  return until(`${who} hears nothing`, stretch, { withinMs: MEDIA_MS });
}

/** Waits for a second of sound in which not one frame came. */
export async function getsNoPicture(page: Page, who: string): Promise<string> {
  let from = await arrived(page);
  const stretch = async (): Promise<string | undefined> => {
    const now = await arrived(page);
    if (now.audioSeconds - from.audioSeconds < 1) return undefined;
    const frames = now.framesDecoded - from.framesDecoded;
    from = now;
    return frames === 0 ? `${who} gets no frames` : undefined;
  };
  return until(`${who} gets no picture`, stretch, { withinMs: MEDIA_MS });
}

/** Whether the other side's picture is to be seen, or only their name. */
export function showsPicture(page: Page): Promise<boolean> {
  return page
    .getByTestId("remote-video")
    .evaluate((video) => video.checkVisibility({ opacityProperty: true }));
}

/** Cameras and microphones that this page has not let go of, over all its calls. */
export function openDevices(page: Page): Promise<number> {
  return page.evaluate(
    () => (window.tracks ?? []).filter(({ readyState }) => readyState === "live").length,
  );
}

function level(from: Arrived, to: Arrived): number {
  const seconds = to.audioSeconds - from.audioSeconds;
  return seconds > 0 ? Math.sqrt(Math.max(0, to.audioEnergy - from.audioEnergy) / seconds) : 0;
}

function decibels(rms: number): string {
  return rms === 0 ? "-∞" : (20 * Math.log10(rms)).toFixed(0);
}
