/** Media of a call in a browser: one RTCPeerConnection. RFC 8829. */
import type { MediaSession, Wanted, Wish } from "../ua/media.ts";

const NO_WAY =
  "Sound could not get through between the two devices: their networks do not connect.";

const KINDS = ["audio", "video"] as const;

/** Candidates that take longer than this are not waited for. */
const GATHERING_MS = 2000;

export class WebMedia implements MediaSession {
  readonly peerConnection: RTCPeerConnection;
  readonly remote: MediaStream = new MediaStream();
  /** Local or remote tracks changed, or one was muted. */
  onchange: (() => void) | undefined;
  onlost: ((why: string) => void) | undefined;
  #wish: Wish;
  #isMuted = false;
  #isReady = false;
  /** Sees the other side, though nothing is shown of this one. */
  #watches = false;
  #local: MediaStream = new MediaStream();
  #audioSender: RTCRtpSender | undefined;
  #videoSender: RTCRtpSender | undefined;
  #closed = false;
  #switching: Promise<void> = Promise.resolve();

  constructor(wanted: Wanted) {
    this.#wish = { ...wanted, held: false };
    this.peerConnection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    //= RFC 3264 §5.1
    //# First, when receiving multiple streams of the same type, each stream MUST be mapped to at
    //# least one sink for the purpose of presentation to the user.
    this.peerConnection.addEventListener("track", ({ track }) => {
      this.remote.addTrack(track);
      track.addEventListener("mute", () => this.onchange?.());
      track.addEventListener("unmute", () => this.onchange?.());
      this.onchange?.();
    });
    this.peerConnection.addEventListener("connectionstatechange", () => {
      this.onchange?.();
      if (this.peerConnection.connectionState === "failed") this.onlost?.(NO_WAY);
    });
  }

  get local(): MediaStream {
    return this.#local;
  }

  /** Sound and picture can flow: the two sides have found a way to each other. */
  get connected(): boolean {
    return this.peerConnection.connectionState === "connected";
  }

  get muted(): boolean {
    return this.#isMuted || this.#local.getAudioTracks().length === 0;
  }

  get cameraOn(): boolean {
    return this.#local.getVideoTracks().length > 0;
  }

  setMuted(muted: boolean): void {
    this.#isMuted = muted;
    this.#enableTracks();
  }

  /** Whoever holds a call is neither heard nor seen, and whoever is muted is not heard. */
  #enableTracks(): void {
    const { held } = this.#wish;
    for (const track of this.#local.getAudioTracks()) track.enabled = !held && !this.#isMuted;
    for (const track of this.#local.getVideoTracks()) track.enabled = !held;
    this.onchange?.();
  }

  /** This call can carry one's own picture, whether or not the camera is on just now. */
  get hasCamera(): boolean {
    return this.#videoSender !== undefined;
  }

  /**
   * Off lets go of the camera, so that its light goes out, and sends nothing at all; on takes it
   * again. Rejects in words when it is not to be had.
   */
  setCamera(on: boolean): Promise<void> {
    // One after the other: whoever presses twice while the browser still asks wants one camera.
    this.#switching = this.#switching.catch(() => {}).then(() => this.#switchCamera(on));
    return this.#switching;
  }

  async #switchCamera(on: boolean): Promise<void> {
    const sender = this.#videoSender;
    if (!sender || this.#closed || on === this.cameraOn) return;
    for (const track of this.#local.getVideoTracks()) {
      track.stop();
      this.#local.removeTrack(track);
    }
    if (on) {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true }).catch((cause) => {
        throw inWords(cause, "camera");
      });
      for (const track of stream.getVideoTracks()) {
        // The call may have ended while the person was asked for permission.
        if (this.#closed) track.stop();
        else this.#local.addTrack(track);
      }
      if (this.#closed) return;
    }
    await sender.replaceTrack(this.#local.getVideoTracks()[0] ?? null);
    this.#enableTracks();
  }

  async offer(): Promise<string> {
    const pc = this.peerConnection;
    await this.#prepare(this.#wish);
    for (const kind of KINDS) {
      // Without a camera one can still see the other side.
      const isThere = pc.getTransceivers().some((one) => one.receiver.track.kind === kind);
      if (this.#wish[kind] && !isThere) pc.addTransceiver(kind, { direction: "recvonly" });
    }
    this.#direct();
    await pc.setLocalDescription(await pc.createOffer());
    return this.#described();
  }

  async answer(offer: string): Promise<string> {
    const pc = this.peerConnection;
    const offersVideo = /^m=video [1-9]/m.test(offer);
    const video = this.#wish.video && offersVideo;
    if (!this.#isReady) this.#watches = offersVideo;
    await this.#prepare({ audio: this.#wish.audio, video });
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    this.#direct();
    await pc.setLocalDescription(await pc.createAnswer());
    return this.#described();
  }

  /** Adds a camera where a voice call is to become a video call; holds, resumes. */
  async want(wish: Wish): Promise<void> {
    const before = this.#wish;
    this.#wish = wish;
    if (wish.video !== before.video) this.#watches = false;
    try {
      if (wish.video && !before.video && !this.hasCamera) await this.#addCamera();
      else if (wish.video !== before.video) await this.setCamera(wish.video);
    } catch (cause) {
      this.#wish = before;
      throw cause;
    }
    this.#enableTracks();
  }

  async withdraw(): Promise<void> {
    const pc = this.peerConnection;
    if (pc.signalingState !== "have-local-offer") return;
    await pc.setLocalDescription({ type: "rollback" });
  }

  async #addCamera(): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true }).catch((cause) => {
      throw inWords(cause, "camera");
    });
    for (const track of stream.getVideoTracks()) {
      if (this.#closed) track.stop();
      else {
        this.#local.addTrack(track);
        this.#videoSender = this.peerConnection.addTrack(track, this.#local);
      }
    }
  }

  /** What each kind of media does from the next description on. RFC 3264 §8.4. */
  #direct(): void {
    const { held } = this.#wish;
    for (const transceiver of this.peerConnection.getTransceivers()) {
      const kind = transceiver.receiver.track.kind === "audio" ? "audio" : "video";
      const sends = transceiver.sender === this.#senderOf(kind);
      const isWanted = this.#wish[kind];
      const receives = (isWanted || (kind === "video" && this.#watches)) && !held;
      if (sends && isWanted) transceiver.direction = receives ? "sendrecv" : "sendonly";
      else transceiver.direction = receives ? "recvonly" : "inactive";
    }
  }

  #senderOf(kind: "audio" | "video"): RTCRtpSender | undefined {
    return kind === "video" ? this.#videoSender : this.#audioSender;
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

  /** Once for a call, with what is wanted when it begins. */
  async #prepare(wanted: Wanted): Promise<void> {
    if (!this.#isReady) await this.#capture(wanted);
    this.#isReady = true;
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
      else {
        const sender = this.peerConnection.addTrack(track, stream);
        if (track.kind === "video") this.#videoSender = sender;
        else this.#audioSender = sender;
      }
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

function inWords(cause: unknown, device: "microphone" | "camera" = "microphone"): Error {
  switch (cause instanceof DOMException ? cause.name : "") {
    case "NotAllowedError":
      return new Error(
        `The browser was told not to use the ${device}. Allow it in the address bar.`,
      );
    case "NotFoundError":
      return new Error(`No ${device} was found. Plug one in and try again.`);
    case "NotReadableError":
      return new Error(`Another program is using the ${device}.`);
    default:
      return cause instanceof Error ? cause : new Error(String(cause));
  }
}
