/** Media of a call in a browser: one RTCPeerConnection. RFC 8829. */
import type { MediaSession, Wanted, Wish } from "../ua/media.ts";
import { Gathering } from "./gathering.ts";
import { type Input, inputOf, KINDS, openInput, openInputs } from "./inputs.ts";
import { OwnTracks } from "./own-tracks.ts";
import { Tones } from "./tones.ts";

/** What media tell of while a call goes on: `media.on("input-lost", …)`. */
export interface WebMediaEvents {
  /** Local or remote tracks changed, one was muted, or the way between the two sides changed. */
  change: undefined;
  /** A microphone or camera was unplugged, or taken away. */
  "input-lost": InputLost;
}

/** A microphone or camera that is there no longer. */
export interface InputLost {
  /** Which of the two. */
  readonly input: Input;
  /** As the system calls it; empty if it does not. */
  readonly label: string;
  /** What is used in its place; absent if there was no other. */
  readonly replacedBy?: string;
}

const NO_WAY =
  "Sound could not get through between the two devices: their networks do not connect.";

const OTHER_DEVICE = "Another device has answered than the one that was heard before.";

/** Tells the device that wrote an answer from others. */
const generationOf = (answer: string): string =>
  (answer.match(/^a=ice-ufrag:.*$/gm) ?? []).join(" ").trim();

/** Media of a call in a browser: one RTCPeerConnection. RFC 8829. */
export class WebMedia implements MediaSession {
  /** The browser's own, for what is not here. */
  readonly peerConnection: RTCPeerConnection;
  /** What is heard and seen of the other side: to be played. */
  readonly remote: MediaStream = new MediaStream();
  /** Set by the call: a description may leave before its candidates. RFC 8840. */
  trickles = false;
  /** Set by the call: hears of candidates that come later. */
  onfragment: ((fragment: string) => void) | undefined;
  /** Candidates of the other side that came after its description; there once they may. */
  addFragment?: (fragment: string) => Promise<void>;
  /** Set by the call: hears in words that sound cannot get through. */
  onlost: ((why: string) => void) | undefined;
  readonly #events = new EventTarget();
  readonly #own: OwnTracks;
  readonly #gathering: Gathering;
  readonly #tones = new Tones();
  #wish: Wish;
  #isReady = false;
  /** Sees the other side, though nothing is shown of this one. */
  #watches = false;
  /** What is shown is no camera. */
  #shared: MediaStreamTrack | undefined;
  /** Whose early media are played. */
  #previewed = "";
  #switching: Promise<void> = Promise.resolve();

  constructor(wanted: Wanted) {
    this.#wish = { ...wanted, held: false };
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.peerConnection = connection;
    this.#own = new OwnTracks(connection, (track) => void this.#inputLost(track));
    this.#gathering = new Gathering(connection);
    const changed = (): void => this.#tell("change", undefined);
    //= RFC 3264 §5.1
    //# First, when receiving multiple streams of the same type, each stream MUST be mapped to at
    //# least one sink for the purpose of presentation to the user.
    connection.addEventListener("track", ({ track }) => {
      this.remote.addTrack(track);
      track.addEventListener("mute", changed);
      track.addEventListener("unmute", changed);
      changed();
    });
    connection.addEventListener("connectionstatechange", () => {
      changed();
      if (connection.connectionState === "failed") this.onlost?.(NO_WAY);
    });
  }

  /** For `trickle`: gives what gathers this side's candidates. */
  gathered(take: (gathering: Gathering) => void): void {
    take(this.#gathering);
  }

  /** Hears of what happens, until `signal` is aborted. */
  on<K extends keyof WebMediaEvents>(
    name: K,
    listener: (event: WebMediaEvents[K]) => void,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): void {
    const hear = (event: Event): void => listener((event as CustomEvent<WebMediaEvents[K]>).detail);
    this.#events.addEventListener(name, hear, signal ? { signal } : {});
  }

  #tell<K extends keyof WebMediaEvents>(name: K, detail: WebMediaEvents[K]): void {
    this.#events.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // ---- what there is ---------------------------------------------------------------------------

  /** What was captured here: one's own picture, to be shown muted. */
  get local(): MediaStream {
    return this.#own.stream;
  }

  /** Sound and picture can flow: the two sides have found a way to each other. */
  get connected(): boolean {
    return this.peerConnection.connectionState === "connected";
  }

  /** Nothing is heard of this side: muted, or without a microphone. */
  get muted(): boolean {
    return this.#own.isMuted;
  }

  /** The camera sends; a screen that is shown is none. */
  get cameraOn(): boolean {
    return this.#own.track("video") !== undefined && !this.sharing;
  }

  /** What is shown in place of a camera: a screen. */
  get sharing(): boolean {
    return this.#shared !== undefined && this.#own.track("video") === this.#shared;
  }

  /** This call can carry one's own picture, whether or not the camera is on just now. */
  get hasCamera(): boolean {
    return this.#own.sender("video") !== undefined;
  }

  /** This call carries one's own picture, were there one. */
  get hasPicture(): boolean {
    return this.hasCamera && this.#wish.video;
  }

  // ---- what one does in a call -----------------------------------------------------------------

  /** Sends silence, or what the microphone hears again. */
  setMuted(muted: boolean): void {
    this.#own.mute(muted);
    this.#tell("change", undefined);
  }

  /**
   * Off lets go of the camera, so that its light goes out, and sends nothing at all; on takes it
   * again. Rejects in words when it is not to be had.
   */
  setCamera(on: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.hasCamera || on === this.cameraOn) return;
      // A camera that is refused leaves a screen where it is.
      if (on) await this.#own.open("video");
      else await this.#own.replace("video", undefined);
    });
  }

  /**
   * Switches to this microphone or camera, by the id that `enumerateDevices` gives it, without the
   * other side being asked. A camera that is off stays off. Rejects in words.
   */
  useInput(input: Input, deviceId: string): Promise<void> {
    return this.#inTurn(async () => {
      if (input === "microphone") await this.#own.open("audio", deviceId);
      else if (this.cameraOn) await this.#own.open("video", deviceId);
    });
  }

  /**
   * Shows this in place of the camera, which is let go of; where the call has no picture yet, as
   * soon as `want` adds one. `shareScreen` does all of it.
   */
  share(track: MediaStreamTrack): Promise<void> {
    return this.#inTurn(async () => {
      this.#shared = track;
      if (this.hasCamera) await this.#own.replace("video", track);
    });
  }

  /** Shows nothing in its place. */
  stopSharing(): Promise<void> {
    return this.#inTurn(async () => {
      const isShown = this.sharing;
      this.#shared?.stop();
      this.#shared = undefined;
      if (isShown) await this.#own.replace("video", undefined);
    });
  }

  /** Sends another voice than the microphone's, such as one mixed from several; or no longer. */
  sendVoice(track: MediaStreamTrack | undefined): Promise<void> {
    return this.#own.sendInstead("audio", track);
  }

  /** Plays tones by RFC 4733; rejects with an Error where that was not agreed. */
  sendDtmf(tones: string): Promise<void> {
    return this.#tones.send(this.#own.sender("audio"), tones);
  }

  /** One after the other: whoever presses twice while the browser still asks wants one camera. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const done = this.#switching
      .then(() => (this.#own.isClosed ? undefined : run()))
      .finally(() => this.#tell("change", undefined));
    this.#switching = done.catch(() => {});
    return done;
  }

  /** Another one takes its place, if there is one. */
  async #inputLost(track: MediaStreamTrack): Promise<void> {
    const kind = track.kind === "video" ? "video" : "audio";
    await this.#inTurn(async () => {
      if (this.#own.track(kind) !== track) return;
      // A screen that is no longer shared is no camera that was lost.
      const isLost = track !== this.#shared;
      const other = isLost ? this.#own.open(kind) : Promise.reject(new Error("nothing to show"));
      await other.catch(() => this.#own.replace(kind, undefined));
      const replacedBy = this.#own.track(kind)?.label;
      const lost = { input: inputOf(kind), label: track.label };
      if (isLost) {
        this.#tell("input-lost", replacedBy === undefined ? lost : { ...lost, replacedBy });
      }
    });
  }

  // ---- MediaSession ----------------------------------------------------------------------------

  /** What is offered, with all its candidates unless they may come later. */
  async offer(): Promise<string> {
    const pc = this.peerConnection;
    await this.#prepare(this.#wish);
    for (const kind of KINDS) {
      // Without a camera one can still see the other side.
      const isThere = pc.getTransceivers().some((one) => one.receiver.track.kind === kind);
      if (this.#wish[kind] && !isThere) pc.addTransceiver(kind, { direction: "recvonly" });
    }
    this.#direct();
    const make = async () => pc.setLocalDescription(await pc.createOffer());
    return this.#gathering.describe(make, this.trickles);
  }

  /** The answer to an offer; rejects in words where no microphone is to be had. */
  async answer(offer: string): Promise<string> {
    const pc = this.peerConnection;
    const offersVideo = /^m=video [1-9]/m.test(offer);
    const video = this.#wish.video && offersVideo;
    // Who is shown something looks, also in the middle of a voice call.
    if (offersVideo) this.#watches = true;
    await this.#prepare({ audio: this.#wish.audio, video });
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    this.#direct();
    const make = async () => pc.setLocalDescription(await pc.createAnswer());
    return this.#gathering.describe(make, this.trickles);
  }

  /** Takes the answer to the last offer. */
  async accept(answer: string): Promise<void> {
    const isOther = this.#previewed !== "" && this.#previewed !== generationOf(answer);
    this.#previewed = "";
    await this.peerConnection.setRemoteDescription({ type: "answer", sdp: answer });
    // Browsers stay with whom they have shaken hands: only another ICE leads to the other device.
    if (isOther) setTimeout(() => this.onlost?.(OTHER_DEVICE));
  }

  /** Early media are played; of several devices that have some, those of the first. */
  async preview(answer: string): Promise<void> {
    const generation = generationOf(answer);
    if (this.#previewed !== "" && this.#previewed !== generation) return;
    await this.peerConnection.setRemoteDescription({ type: "pranswer", sdp: answer });
    this.#previewed = generation;
  }

  /** Adds a camera where a voice call is to become a video call; holds, resumes. */
  async want(wish: Wish): Promise<void> {
    const before = this.#wish;
    this.#wish = wish;
    if (wish.video !== before.video) this.#watches = false;
    try {
      const isNew = !before.video || this.#shared !== undefined;
      if (wish.video && !this.hasCamera && isNew) await this.#addPicture();
      else if (wish.video && !before.video && !this.sharing) await this.setCamera(true);
      else if (!wish.video && before.video) await this.#own.replace("video", undefined);
    } catch (cause) {
      this.#wish = before;
      throw cause;
    }
    this.#own.hold(wish.held);
    this.#tell("change", undefined);
  }

  async #addPicture(): Promise<void> {
    if (this.#shared?.readyState === "live") this.#own.add(this.#shared);
    else this.#own.add(await openInput("camera"));
  }

  /** The last offer came to nothing: what was agreed before holds. */
  async withdraw(): Promise<void> {
    const pc = this.peerConnection;
    if (pc.signalingState !== "have-local-offer") return;
    await pc.setLocalDescription({ type: "rollback" });
  }

  /** The next offer has ICE begin anew. RFC 8445 §9. */
  async restart(): Promise<void> {
    this.peerConnection.restartIce();
    this.#gathering.anew();
  }

  /** The call is over: devices are let go of. */
  close(): void {
    this.#own.close();
    this.peerConnection.close();
    this.#tell("change", undefined);
  }

  /** What each kind of media does from the next description on. RFC 3264 §8.4. */
  #direct(): void {
    const { held } = this.#wish;
    for (const transceiver of this.peerConnection.getTransceivers()) {
      const kind = transceiver.receiver.track.kind === "audio" ? "audio" : "video";
      const sends = transceiver.sender === this.#own.sender(kind);
      const isWanted = this.#wish[kind];
      const receives = (isWanted || (kind === "video" && this.#watches)) && !held;
      if (sends && isWanted) transceiver.direction = receives ? "sendrecv" : "sendonly";
      else transceiver.direction = receives ? "recvonly" : "inactive";
    }
  }

  /** Once for a call, with what is wanted when it begins. */
  async #prepare({ video }: Wanted): Promise<void> {
    if (this.#isReady) return;
    for (const track of await openInputs(video)) this.#own.add(track);
    this.#isReady = true;
    this.#tell("change", undefined);
  }
}
