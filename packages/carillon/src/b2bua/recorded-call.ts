/**
 * A call of the agent's that is recorded: its engine writes what both say, and both are told. Who
 * says that it is able to (`record-aware`) is told in descriptions, and shows it to a person by
 * itself; everybody else hears a tone again and again. RFC 7866 §6.1.2.
 */
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { NEVER } from "../transaction/timers.ts";
import type { CallSide } from "./call-side.ts";
import type { JoinedCall } from "./joined-call.ts";
import type { MediaEvent, Playable, Recording } from "./media-engine.ts";

/** What is to be recorded, and who hears of it. */
export interface RecordOptions extends Recording {
  /** Hears how it goes. Called in a turn of the endpoint, it may not throw. */
  readonly heard?: (state: RecordState) => void;
}

/** How far a recording is. */
export type RecordState =
  /** It is written into this file. Again for a further one: its worker was lost, a picture came. */
  | { readonly name: "Recording"; readonly path: string }
  /** The last state: these files are whole. `why` in words where nobody ended it. */
  | { readonly name: "Recorded"; readonly paths: readonly string[]; readonly why?: string };

/** What came of asking for a recording. */
export type RecordAsked =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /**
       * `unknown`: no such call goes through the agent; `ringing`: nobody has answered it yet;
       * `recorded`: it is recorded already; `full`: so many are recorded, and no more.
       */
      readonly error: "unknown" | "ringing" | "recorded" | "full";
    };

export class RecordedCall implements Timed {
  readonly call: JoinedCall;
  readonly #options: RecordOptions;
  readonly #timer: Timer = newTimer(this);
  /** Files of workers that are gone, which have what was said until then. */
  readonly #before: string[] = [];
  #path: string | undefined;
  /** Its worker is gone, and the call has not come back yet. */
  #isLost = false;
  #isOver = false;

  constructor(call: JoinedCall, options: RecordOptions) {
    this.call = call;
    this.#options = options;
  }

  begin(): void {
    const { call } = this;
    const { heard: _, ...what } = this.#options;
    call.engine.record(call.id, what);
    this.#tellAware();
    this.due();
  }

  /** Nobody wants more of it: its files are told when they are whole. */
  end(): void {
    const { call } = this;
    if (this.#isLost) return this.#over([], "its media were lost");
    call.engine.stopRecording(call.id);
  }

  /** The call is over; so is this, as soon as its engine says so. */
  parted(): void {
    this.call.agent.endpoint.schedule(this.#timer, NEVER);
    if (this.#isLost) this.#over([], "its media were lost");
  }

  /** Nothing more will come of it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  happened(event: Extract<MediaEvent, { readonly kind: "Recording" | "Recorded" }>): void {
    if (event.kind === "Recording") {
      this.#path = event.path;
      this.#options.heard?.({ name: "Recording", path: event.path });
    } else this.#over(event.paths, event.why);
  }

  /** Its worker is gone. What it has written can be played. */
  lost(): void {
    this.#isLost = true;
    if (this.#path !== undefined && this.#before.length < MAX_BEFORE) {
      this.#before.push(this.#path);
    }
    this.#path = undefined;
  }

  /** Media are agreed on anew: where another worker has the call, that one goes on. */
  agreed(): void {
    if (!this.#isLost || this.#isOver) return;
    this.#isLost = false;
    const { heard: _, ...what } = this.#options;
    this.call.engine.record(this.call.id, what);
  }

  //= RFC 7866 §6.1.2
  //# In the absence of the "record-aware" option tag -- meaning that the participant UA is not
  //# recording aware -- an SRC MUST provide recording indications through other means, such as
  //# playing a tone in-band or having a signed participant contract in place.
  /** For the wheel only. */
  due(): void {
    const { agent, engine, id } = this.call;
    for (const end of this.#ends) if (!end.able.recordAware) engine.play(id, end.tag, TONE);
    agent.endpoint.schedule(this.#timer, agent.endpoint.now + TONE_EVERY_MS);
  }

  #over(paths: readonly string[], why: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.call.agent.endpoint.schedule(this.#timer, NEVER);
    this.#tellAware();
    const all = [...this.#before, ...paths];
    const state = { name: "Recorded", paths: all, ...(why !== undefined && { why }) } as const;
    this.#options.heard?.(state);
  }

  //= RFC 7866 §7.1.2
  //# Whenever the recording indication needs to change, such as termination of recording, the SRC
  //# MUST initiate a re-INVITE or UPDATE to update the SDP "a=record" attribute.
  #tellAware(): void {
    for (const end of this.#ends) if (end.able.recordAware) end.leg.modify(() => {});
  }

  get #ends(): readonly CallSide[] {
    const { talking } = this.call;
    if (!talking?.begun) return [];
    return [talking.caller, talking.device].filter(({ leg }) => leg.standing === "Confirmed");
  }
}

/** As recorded lines have had it in North America: 1400 Hz for 0.2 s, every 15 s. */
const TONE: Playable = { kind: "Tone", hz: 1400, durationMs: 200 };
const TONE_EVERY_MS = 15_000;
/** Files that are remembered of workers that were lost. */
const MAX_BEFORE = 64;
