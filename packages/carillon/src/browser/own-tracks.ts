/** What is heard and seen of this side: tracks that were captured, and what is sent of them. */
import { KINDS, type Kind, openInput } from "./inputs.ts";

export class OwnTracks {
  /** What was captured; a voice that is mixed from several is not in here. */
  readonly stream: MediaStream = new MediaStream();
  readonly #connection: RTCPeerConnection;
  readonly #lost: (track: MediaStreamTrack) => void;
  readonly #senders = new Map<Kind, RTCRtpSender>();
  /** Sent in place of what was captured. */
  readonly #instead = new Map<Kind, MediaStreamTrack>();
  #isMuted = false;
  #isHeld = false;
  #isClosed = false;

  /** `lost` is called when a track has ended though nobody stopped it: its device is gone. */
  constructor(connection: RTCPeerConnection, lost: (track: MediaStreamTrack) => void) {
    this.#connection = connection;
    this.#lost = lost;
  }

  get isMuted(): boolean {
    return this.#isMuted || !this.track("audio");
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  track(kind: Kind): MediaStreamTrack | undefined {
    return this.stream.getTracks().find((one) => one.kind === kind);
  }

  sender(kind: Kind): RTCRtpSender | undefined {
    return this.#senders.get(kind);
  }

  mute(isMuted: boolean): void {
    this.#isMuted = isMuted;
    this.#enable();
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#enable();
  }

  /** Begins to send a track; one that comes after the call has ended is let go of. */
  add(track: MediaStreamTrack): void {
    if (this.#isClosed) return track.stop();
    this.#keep(track);
    this.#senders.set(track.kind as Kind, this.#connection.addTrack(track, this.stream));
    this.#enable();
  }

  /**
   * Shows another track of this kind, or none, without anything being negotiated. What was there
   * before is let go of, so that its light goes out.
   */
  async replace(kind: Kind, track: MediaStreamTrack | undefined): Promise<void> {
    const sender = this.#senders.get(kind);
    if (!sender || this.#isClosed) return track?.stop();
    const before = this.track(kind);
    if (before) this.#letGo(before);
    if (track) this.#keep(track);
    this.#enable();
    if (!this.#instead.has(kind)) await sender.replaceTrack(track ?? null);
  }

  /** Takes a camera or microphone anew and sends that. Rejects in words when it is not there. */
  async open(kind: Kind, deviceId?: string): Promise<void> {
    const track = await openInput(kind === "video" ? "camera" : "microphone", deviceId);
    await this.replace(kind, track);
  }

  /** Sends this in place of what is captured, or no longer. The track stays whose it is. */
  async sendInstead(kind: Kind, track: MediaStreamTrack | undefined): Promise<void> {
    if (track) this.#instead.set(kind, track);
    else this.#instead.delete(kind);
    this.#enable();
    if (this.#isClosed) return;
    await this.#senders.get(kind)?.replaceTrack(track ?? this.track(kind) ?? null);
  }

  close(): void {
    this.#isClosed = true;
    for (const track of this.stream.getTracks()) track.stop();
  }

  #keep(track: MediaStreamTrack): void {
    this.stream.addTrack(track);
    // `stop` makes no such event: only what is taken away from us does.
    track.addEventListener("ended", () => {
      if (!this.#isClosed && this.stream.getTracks().includes(track)) this.#lost(track);
    });
  }

  #letGo(track: MediaStreamTrack): void {
    this.stream.removeTrack(track);
    track.stop();
  }

  /** Whoever holds a call is neither heard nor seen, and whoever is muted is not heard. */
  #enable(): void {
    for (const kind of KINDS) {
      const own = this.track(kind);
      if (own) own.enabled = !this.#isHeld && !(kind === "audio" && this.#isMuted);
      const instead = this.#instead.get(kind);
      if (instead) instead.enabled = !this.#isHeld;
    }
  }
}
