/** Media of a call in a browser: one RTCPeerConnection. RFC 8829. */
import type { MediaSession, Wanted } from "../ua/media.ts";

/** Candidates that take longer than this are not waited for. */
const GATHERING_MS = 2000;

export class WebMedia implements MediaSession {
  readonly peerConnection: RTCPeerConnection;
  readonly remote: MediaStream = new MediaStream();
  /** Local or remote tracks changed, or one was muted. */
  onchange: (() => void) | undefined;
  readonly #wanted: Wanted;
  #local: MediaStream = new MediaStream();
  #closed = false;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    this.peerConnection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.peerConnection.addEventListener("track", ({ track }) => {
      this.remote.addTrack(track);
      track.addEventListener("mute", () => this.onchange?.());
      track.addEventListener("unmute", () => this.onchange?.());
      this.onchange?.();
    });
    this.peerConnection.addEventListener("connectionstatechange", () => this.onchange?.());
  }

  get local(): MediaStream {
    return this.#local;
  }

  get muted(): boolean {
    return this.#local.getAudioTracks().every((track) => !track.enabled);
  }

  get cameraOn(): boolean {
    return this.#local.getVideoTracks().some((track) => track.enabled);
  }

  setMuted(muted: boolean): void {
    for (const track of this.#local.getAudioTracks()) track.enabled = !muted;
    this.onchange?.();
  }

  setCamera(on: boolean): void {
    for (const track of this.#local.getVideoTracks()) track.enabled = on;
    this.onchange?.();
  }

  async offer(): Promise<string> {
    await this.#capture(this.#wanted);
    const pc = this.peerConnection;
    for (const kind of ["audio", "video"] as const) {
      // Without a camera one can still see the other side.
      const sends = pc.getSenders().some((sender) => sender.track?.kind === kind);
      if (this.#wanted[kind] && !sends) pc.addTransceiver(kind, { direction: "recvonly" });
    }
    await pc.setLocalDescription(await pc.createOffer());
    return this.#described();
  }

  async answer(offer: string): Promise<string> {
    const pc = this.peerConnection;
    if (this.#local.getTracks().length === 0) {
      const video = this.#wanted.video && /^m=video [1-9]/m.test(offer);
      await this.#capture({ audio: this.#wanted.audio, video });
    }
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    await pc.setLocalDescription(await pc.createAnswer());
    return this.#described();
  }

  async accept(answer: string): Promise<void> {
    await this.peerConnection.setRemoteDescription({ type: "answer", sdp: answer });
  }

  close(): void {
    this.#closed = true;
    for (const track of this.#local.getTracks()) track.stop();
    this.peerConnection.close();
    this.onchange?.();
  }

  /** Microphone and camera; a voice call if there is no camera to be had. */
  async #capture({ audio, video }: Wanted): Promise<void> {
    const devices = navigator.mediaDevices;
    if (!devices)
      throw new Error("This page may not use a microphone: open it over https or localhost.");
    const stream = await devices.getUserMedia({ audio, video }).catch((cause: unknown) => {
      if (!video) throw inWords(cause);
      return devices.getUserMedia({ audio }).catch((again: unknown) => {
        throw inWords(again);
      });
    });
    this.#local = stream;
    for (const track of stream.getTracks()) {
      // The call may have ended while the person was asked for permission.
      if (this.#closed) track.stop();
      else this.peerConnection.addTrack(track, stream);
    }
    this.onchange?.();
  }

  /** The local description with its candidates in it: SIP without trickle needs them all. */
  async #described(): Promise<string> {
    const pc = this.peerConnection;
    if (pc.iceGatheringState !== "complete") {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, GATHERING_MS);
        pc.addEventListener("icegatheringstatechange", () => {
          if (pc.iceGatheringState !== "complete") return;
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return pc.localDescription?.sdp ?? "";
  }
}

function inWords(cause: unknown): Error {
  const name = cause instanceof DOMException ? cause.name : "";
  if (name === "NotAllowedError") {
    return new Error(
      "The browser was told not to use the microphone. Allow it in the address bar.",
    );
  }
  if (name === "NotFoundError")
    return new Error("No microphone was found. Plug one in and try again.");
  if (name === "NotReadableError") return new Error("Another program is using the microphone.");
  return cause instanceof Error ? cause : new Error(String(cause));
}
