/** The library's calls behind the cards on the desk: each is followed to its end. */
import type { Call, WebMedia } from "carillon";
import { BridgeNotes, RecordingNotes, WakeNotes } from "carillon/calling";
import { mediaFailure } from "../call/media-choice.ts";
import { readDevices } from "../call/read-devices.ts";
import { createStore, type Store } from "../store.ts";
import { type CallCard, type Desk, type DeskEvent, emptyDesk, type Peer, step } from "./desk.ts";
import type { KeptCall } from "./kept-calls.ts";

/** Longer than this nobody walks to a phone. */
const RING_MS = 60_000;

export class CallBook {
  readonly desk: Store<Desk> = createStore(emptyDesk);
  /** What the house tells of calls that it stands in between. */
  readonly bridges = new BridgeNotes();
  /** Which calls are recorded. */
  readonly recordings = new RecordingNotes();
  /** Which calls wait for a phone to wake. */
  readonly wakes = new WakeNotes();
  readonly #calls = new Map<string, Call>();
  /** Calls whose end is no news: their place is taken by another. */
  readonly #quiet = new Set<string>();
  /** Media whose changes are told of. */
  readonly #watched = new WeakSet<WebMedia>();

  constructor() {
    this.bridges.onchange = () => {
      for (const call of this.#calls.values()) this.#bridged(call);
    };
    this.recordings.onchange = () => {
      for (const call of this.#calls.values()) this.#recorded(call);
    };
    this.wakes.onchange = () => {
      for (const call of this.#calls.values()) this.#woken(call);
    };
  }

  /** What a phone sees, for all that is told beside its calls. */
  readonly trace = (entry: Parameters<WakeNotes["trace"]>[0]): void => {
    this.bridges.trace(entry);
    this.recordings.trace(entry);
    this.wakes.trace(entry);
  };

  tell(event: DeskEvent): void {
    this.desk.write(step(this.desk.read(), event));
  }

  /** Something went wrong beside the call, in words. */
  readonly sorry = (cause: unknown): void => {
    this.tell({ kind: "Noticed", notice: cause instanceof Error ? cause.message : String(cause) });
  };

  call(id: string | undefined): Call | undefined {
    return id === undefined ? undefined : this.#calls.get(id);
  }

  get active(): Call | undefined {
    return this.call(this.desk.read().active?.id);
  }

  get aside(): readonly Call[] {
    return this.desk.read().aside.flatMap(({ id }) => this.call(id) ?? []);
  }

  /** The other side has left, without a word. */
  gone(id: string): void {
    this.tell({ kind: "Gone", id });
    this.call(id)?.hangUp();
  }

  /** What the next page needs of the calls that go on. */
  kept(): readonly KeptCall[] {
    const { active, aside } = this.desk.read();
    const leftMs = performance.timeOrigin + performance.now();
    return [active, ...aside].flatMap((card) => {
      const call = this.call(card?.id);
      const { establishedMs, peer, video } = card ?? {};
      if (!isOn(call) || !call.dialog || !peer || establishedMs === undefined) return [];
      return [{ dialog: call.dialog, peer, video: video ?? false, establishedMs, leftMs }];
    });
  }

  /** Ends what cannot go on from another page. */
  leaveOthers(): void {
    for (const call of this.#calls.values()) {
      const { name } = call.state;
      if (name !== "Established" && name !== "Reconnecting") call.leave();
    }
  }

  /** However this one ends, it is because another takes its place. */
  quiet(call: Call | undefined): void {
    if (call) this.#quiet.add(call.id);
  }

  keep(call: Call): void {
    this.#calls.set(call.id, call);
    call.answered.catch(() => {});
    const giveUp = setTimeout(() => {
      if (call.state.name !== "Ringing") return;
      this.tell({ kind: "GaveUp", id: call.id });
      call.hangUp();
    }, RING_MS);
    void follow(call.states(), (state) => void this.#changed(call, state)).finally(() => {
      clearTimeout(giveUp);
      this.#calls.delete(call.id);
      this.#quiet.delete(call.id);
    });
  }

  /** State by state; with the first one after media was asked for, media is there as well. */
  async #changed(call: Call, state: Call["state"]): Promise<void> {
    const nowMs = performance.timeOrigin + performance.now();
    this.#watch(call);
    const { id } = call;
    if (state.name !== "Ended") {
      this.tell({ kind: "Changed", id, state, nowMs });
      this.#woken(call);
      this.#recorded(call);
      return this.#bridged(call);
    }
    let { end } = state;
    if (this.#quiet.has(id)) end = { ...end, by: "local", code: "SIP_TRANSFERRED" };
    // The browser says little about why; what is plugged in and allowed says more.
    else if (end.code === "SIP_MEDIA") {
      end = { ...end, message: mediaFailure(await readDevices()) ?? end.message };
    }
    this.tell({ kind: "Changed", id, state: { name: "Ended", end }, nowMs });
  }

  #recorded(call: Call): void {
    const { id } = call;
    const recording = this.recordings.of(call);
    const { active, aside } = this.desk.read();
    const card = [active, ...aside].find((one) => one?.id === id);
    if (recording === undefined || !card || card.recording === recording) return;
    this.tell({ kind: "Recording", id, recording });
  }

  #woken(call: Call): void {
    const { id, direction } = call;
    const { active, aside } = this.desk.read();
    const card = [active, ...aside].find((one) => one?.id === id);
    const waking = direction === "outgoing" && this.wakes.isWaking(call);
    if (card && (card.waking ?? false) !== waking) this.tell({ kind: "Waking", id, waking });
  }

  #bridged(call: Call): void {
    const { id } = call;
    const bridge = this.bridges.of(call);
    const { active, aside } = this.desk.read();
    const card = [active, ...aside].find((one) => one?.id === id);
    if (bridge && card && card.bridge !== bridge) this.tell({ kind: "Bridged", id, bridge });
  }

  /** Media is there once it was asked for, and its tracks come and go. */
  #watch({ media }: Call): void {
    if (media === undefined || this.#watched.has(media)) return;
    this.#watched.add(media);
    media.on("change", () => this.tell({ kind: "MediaChanged" }));
    media.on("input-lost", ({ input, label, replacedBy }) => {
      const gone = `Your ${input}${label === "" ? "" : ` “${label}”`} is gone.`;
      const now = replacedBy === undefined ? "Plug one in." : `“${replacedBy}” is used now.`;
      this.tell({ kind: "Noticed", notice: `${gone} ${now}` });
    });
    this.tell({ kind: "MediaChanged" });
  }
}

const isOn = (call: Call | undefined): call is Call =>
  call?.state.name === "Established" || call?.state.name === "Reconnecting";

export function cardOf(call: Call, peer: Peer, video: boolean): CallCard {
  return { id: call.id, direction: call.direction, peer, video, state: call.state };
}

/** An iteration that is aborted or closed is over, not wrong. */
export async function follow<T>(things: AsyncIterable<T>, tell: (thing: T) => void): Promise<void> {
  try {
    for await (const thing of things) tell(thing);
  } catch {}
}
