/** One call of a phone in the terminal: watches it, and tells what becomes of it. */
import type { RecordingTold } from "carillon/calling";
import { type IncomingTransfer, transfers } from "carillon/transfer";
import type { Call, CallState } from "carillon/ua";
import type { DeskMedia } from "./desk-media.ts";
import type { CallStage, EndOfCall, Happening } from "./happening.ts";
import type { PhoneNotes } from "./open-phone.ts";
import type { Sound } from "./sound.ts";

export interface DeskCallUser {
  tell(happening: Happening): void;
  readonly sound: Sound;
  isMuted(): boolean;
  /** What servers told of calls. */
  readonly notes: PhoneNotes;
  /** Seconds, on any clock that does not jump. */
  seconds(): number;
  /** They want this side to talk to somebody else. */
  transferAsked(call: DeskCall, wish: IncomingTransfer<DeskMedia>): void;
  /** Called once, when it is over and everything has been told. */
  over(call: DeskCall): void;
}

export class DeskCall {
  readonly number: number;
  readonly call: Call<DeskMedia>;
  readonly #user: DeskCallUser;
  #talkedFrom: number | undefined;
  #attached: DeskMedia | undefined;
  #bridge: string | undefined;
  #recorded: RecordingTold | undefined;
  #isWaking = false;

  constructor(number: number, call: Call<DeskMedia>, user: DeskCallUser) {
    this.number = number;
    this.call = call;
    this.#user = user;
    void this.#watch();
    void this.#hearTones();
    void this.#hearTransfers();
  }

  /** What the list of calls says of it. */
  get described(): Extract<Happening, { event: "call" }> {
    return this.#described(this.call.state);
  }

  get isEstablished(): boolean {
    return this.call.state.name === "Established";
  }

  /** It goes on, and this side has not put it on hold. */
  get isTalking(): boolean {
    const { state } = this.call;
    return state.name === "Established" && state.held !== "ByUs" && state.held !== "ByBoth";
  }

  get talkedSeconds(): number {
    return this.#talkedFrom === undefined ? 0 : this.#user.seconds() - this.#talkedFrom;
  }

  async #watch(): Promise<void> {
    const hear = () => {
      this.#tellRecorded();
      this.#tellWaking();
    };
    const { changed } = this.#user.notes;
    changed.add(hear);
    for await (const state of this.call.states()) {
      if (state.name === "Established") this.#talkedFrom ??= this.#user.seconds();
      this.#connect(state);
      this.#user.tell(this.#described(state));
      this.#tellBridge();
      this.#tellRecorded();
    }
    changed.delete(hear);
    this.#user.over(this);
  }

  #tellBridge(): void {
    const told = this.#user.notes.bridges.of(this.call);
    // A response that comes twice says nothing new.
    const words = JSON.stringify(told);
    if (!told || words === this.#bridge || this.#talkedFrom === undefined) return;
    this.#bridge = words;
    this.#user.tell({ event: "bridge", call: this.number, ...told });
  }

  //= RFC 7866 §6.3
  //# A recording-aware UA MUST provide a recording indication to the end user through an
  //# appropriate user interface, indicating whether recording is on, off, or paused for each
  //# medium.
  #tellRecorded(): void {
    const recording = this.#user.notes.recordings.of(this.call);
    if (recording === undefined || recording === this.#recorded) return;
    this.#recorded = recording;
    this.#user.tell({ event: "recording", call: this.number, recording });
  }

  /** Once, as long as none of their phones rings. */
  #tellWaking(): void {
    const { direction, peer } = this.call;
    const isWaking = direction === "outgoing" && this.#user.notes.wakes.isWaking(this.call);
    if (isWaking && !this.#isWaking) {
      const { uri, displayName: name } = peer;
      this.#user.tell({ event: "waking", call: this.number, peer: uri, name });
    }
    this.#isWaking = isWaking;
  }

  /** Who talks has the microphone; who rings with a voice of their own is heard. */
  #connect(state: CallState): void {
    const { media } = this.call;
    const isEarly = state.name === "Ringing" && state.earlyMedia === true;
    if (media && (isEarly || this.isTalking || state.name === "Reconnecting")) {
      media.muted = this.#user.isMuted();
      this.#user.sound.attach(media);
    } else if (this.#attached) this.#user.sound.detach(this.#attached);
    this.#attached = media;
  }

  async #hearTransfers(): Promise<void> {
    for await (const wish of transfers(this.call)) this.#user.transferAsked(this, wish);
  }

  async #hearTones(): Promise<void> {
    for await (const { tone, durationMs } of this.call.dtmf()) {
      this.#user.tell({ event: "tone", call: this.number, tone, durationMs });
    }
  }

  #described(state: CallState): Extract<Happening, { event: "call" }> {
    const { direction, peer } = this.call;
    return {
      event: "call",
      call: this.number,
      direction,
      peer: peer.uri,
      name: peer.displayName,
      state: STAGES[state.name],
      ...("held" in state && state.held ? { held: state.held } : {}),
      ...("earlyMedia" in state && state.earlyMedia ? { earlyMedia: true } : {}),
      ...(state.name === "Ended" ? { end: this.#end(state.end) } : {}),
    };
  }

  #end({ by, code, status, message }: Extract<CallState, { name: "Ended" }>["end"]): EndOfCall {
    const seconds = Math.round(this.talkedSeconds * 10) / 10;
    return { by, code, ...(status !== undefined && { status }), message, seconds };
  }
}

const STAGES: Readonly<Record<CallState["name"], CallStage>> = {
  Dialing: "dialing",
  Ringing: "ringing",
  Incoming: "incoming",
  Answering: "answering",
  Established: "established",
  Reconnecting: "reconnecting",
  Ended: "ended",
};
