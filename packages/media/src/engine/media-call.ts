/**
 * A call in the engine: its sides, what they offer and answer each other, and who hears whom. One
 * side may have offered to several (a fork); the first answer says what it is answered, and whoever
 * answers finally is who it talks to.
 */
import type {
  CallStatistics,
  Described,
  MediaEvent,
  OfferWish,
  Playable,
  Recording,
  Side,
  SideMedia,
  SideStatistics,
} from "carillon/b2bua";
import { type Description, receives } from "carillon/sdp";
import { CallRecorder } from "./call-recorder.ts";
import { offeredSound, offeredVideo, passedOn, sampleRateOf } from "./codec-choice.ts";
import { answeredPlans, type Exchange, offeredPlans, ownPlans, streamsIn } from "./exchange.ts";
import type { ClipShelf } from "./local/clip-shelf.ts";
import { type MediaResult, noFormat, noMedia, refused, taken } from "./media-refused.ts";
import { MediaSide, type Settled, type SideParts, type SideState } from "./media-side.ts";
import { RecordIndications } from "./record-indications.ts";
import { tellDefect } from "./relay/defect.ts";
import {
  kindOf,
  type MediaKind,
  passedWishes,
  readDescription,
  type StreamPlan,
} from "./side-description.ts";
import { sideMedia } from "./side-media.ts";
import { echoTo, playTo, type SideVoice } from "./side-voice.ts";

/** Sides at one time: a caller and its branches. */
const MAX_SIDES = 64;

/** What is kept of a call elsewhere, so that another process can have it. */
export interface CallState {
  readonly sides: readonly SideState[];
  readonly hears: readonly (readonly [tag: string, other: string])[];
}

type CallEvent = Extract<MediaEvent, { readonly call: string }>;

export interface CallOptions {
  readonly id: string;
  readonly parts: SideParts;
  /** Clips of all calls of the process. */
  readonly shelf: ClipShelf;
  readonly onevent: (event: CallEvent) => void;
  /** Something for the operator, in words. */
  readonly onnote: (words: string) => void;
}

export class MediaCall {
  readonly #options: CallOptions;
  readonly #sides = new Map<string, MediaSide>();
  /** What each stream of the call is; its number is the index. */
  readonly #streams: MediaKind[] = [];
  readonly #exchanges = new Map<string, Exchange>();
  /** Who each side hears. */
  readonly #hears = new Map<string, string>();
  /** One thing after the other: descriptions need ports, which take their time. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Of whom it was told already. */
  readonly #silent = new Set<string>();
  #recorder: CallRecorder | undefined;
  readonly #indications = new RecordIndications();
  #isClosed = false;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** With what is known of its sides; each of them has to be offered anew. */
  restore({ sides, hears }: CallState): void {
    for (const state of sides.slice(0, MAX_SIDES)) {
      const { tag } = state.side;
      this.#sides.set(tag, MediaSide.restored(state, this.#options.parts, this.#userFor(tag)));
      for (const [id] of state.slots) {
        const slot = state.slots.find(([one]) => one === id)?.[1] ?? 0;
        const section = this.#sides.get(tag)?.settled?.local.media[slot];
        this.#streams[id] = (section && kindOf(section)) ?? "audio";
      }
    }
    for (const [tag, other] of hears) this.#hears.set(tag, other);
  }

  get sides(): ReadonlyMap<string, MediaSide> {
    return this.#sides;
  }

  get state(): CallState {
    const sides = [...this.#sides.values()].flatMap((side) => side.state ?? []);
    return { sides, hears: [...this.#hears] };
  }

  /** Runs after all that was asked before. */
  inTurn<T>(work: () => Promise<MediaResult<T>>): Promise<MediaResult<T>> {
    if (this.#isClosed) return Promise.resolve(refused(481, GONE));
    if (this.#waiting >= MAX_WAITING) return Promise.resolve(refused(503, BUSY));
    this.#waiting++;
    const done = this.#last.then(async () => {
      this.#waiting--;
      return this.#isClosed ? refused(481, GONE) : work();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** The same for what nobody waits for: what becomes of it is told to the operator only. */
  afterwards(work: () => void): void {
    void this.inTurn(async () => {
      work();
      return taken(undefined);
    }).then((done) => {
      if (!done.ok && done.error.why === BUSY)
        this.#options.onnote(`call ${this.#options.id}: ${BUSY}`);
    }, tellDefect);
  }

  async offer(
    from: Side,
    to: Side,
    text: string,
    wish: OfferWish,
  ): Promise<MediaResult<Described>> {
    const read = this.#read(from, text);
    if (!read.ok) return read;
    const [offerer, answerer] = [this.#side(from), this.#side(to)];
    if (!offerer || !answerer) return refused(503, "the call has too many sides");
    if (this.#isGlare(offerer, answerer, text)) return refused(491, "another offer is open");
    const exchange = this.#exchangeOf(offerer, text, read.value);
    exchange.to.add(to.tag);
    const { plans, dropped } = offeredPlans(exchange, answerer, wish);
    exchange.dropped = dropped;
    if (plans.length === 0) return noMedia("no sound is offered that could be passed on");
    const made = await answerer.offer(plans, wish.restart === true);
    return made.ok ? taken(this.#described(made.value)) : made;
  }

  async answer(
    from: Side,
    to: Side,
    text: string,
    isEarly: boolean,
  ): Promise<MediaResult<Described>> {
    const [answerer, offerer] = [this.#sides.get(from.tag), this.#sides.get(to.tag)];
    const exchange = this.#exchanges.get(to.tag);
    if (!answerer || !offerer || !exchange?.to.has(from.tag)) {
      return refused(481, "there is no offer that this answers");
    }
    const read = this.#read(from, text);
    if (!read.ok) return read;
    answerer.change(from);
    const settled = answerer.accept(read.value, isEarly);
    if (!settled.ok) return settled;
    if (exchange.answered === undefined) {
      const planned = answeredPlans(exchange, answerer);
      if (!planned.ok) return planned;
      exchange.dropped ??= planned.value.dropped;
      const made = await offerer.answer(exchange.description, planned.value.plans);
      if (!made.ok) return made;
      exchange.answered = made.value;
    }
    if (!exchange.isFinal || !isEarly) this.#talk(from.tag, to.tag);
    if (!isEarly) exchange.isFinal = true;
    return taken(this.#described(exchange.answered));
  }

  withdraw(from: string): void {
    const exchange = this.#exchanges.get(from);
    if (!exchange) return;
    for (const tag of exchange.to) this.#sides.get(tag)?.withdraw();
    if (exchange.answered === undefined) this.#exchanges.delete(from);
    else exchange.isFinal = true;
  }

  /** The engine is who answers. */
  async terminate(side: Side, text: string): Promise<MediaResult<Described>> {
    const read = this.#read(side, text);
    if (!read.ok) return read;
    const offerer = this.#side(side);
    if (!offerer) return refused(503, "the call has too many sides");
    if (offerer.isOffering) return refused(491, "another offer is open");
    const exchange = this.#exchangeOf(offerer, text, read.value);
    const planned = ownPlans(exchange);
    if (!planned.ok) return planned;
    exchange.dropped = planned.value.dropped;
    const made = await offerer.answer(exchange.description, planned.value.plans);
    if (!made.ok) return made;
    exchange.answered = made.value;
    exchange.isFinal = true;
    this.#connect();
    return taken(this.#described(made.value));
  }

  /** The engine is who offers. */
  async originate(side: Side, wish: OfferWish): Promise<MediaResult<Described>> {
    const answerer = this.#side(side);
    if (!answerer) return refused(503, "the call has too many sides");
    if (answerer.isOffering) return refused(491, "another offer is open");
    const id = this.#streams.indexOf("audio");
    if (id < 0) this.#streams.push("audio");
    const codecs = offeredSound([], wish.codecs);
    if (codecs.length === 0) return noFormat("none of the wanted codecs is known here");
    const direction = wish.direction ?? "sendrecv";
    const number = Math.max(0, id);
    const slot = answerer.slotOf(number);
    const plan: StreamPlan = { id: number, media: "audio", slot, codecs, direction };
    const made = await answerer.offer([plan], wish.restart === true);
    return made.ok ? taken(this.#described(made.value)) : made;
  }

  /** Its answer to what `originate` or `reoffer` gave for it. */
  async accept(side: Side, text: string): Promise<MediaResult<Described>> {
    const answerer = this.#sides.get(side.tag);
    if (!answerer) return refused(481, "that side is not known");
    const read = this.#read(side, text);
    if (!read.ok) return read;
    answerer.change(side);
    const settled = answerer.accept(read.value, false);
    if (!settled.ok) return settled;
    this.#connect();
    return taken(this.#described(text));
  }

  /** All that was agreed on with a side, over new addresses and keys unless they may stay. */
  async reoffer(to: Side, wish: OfferWish): Promise<MediaResult<Described>> {
    const side = this.#sides.get(to.tag);
    const settled = side?.settled;
    if (!side || !settled) return refused(481, "nothing was agreed on with that side");
    if (side.isOffering) side.withdraw();
    side.change(to);
    const plans = this.#plansAgain(side, settled, wish);
    if (plans.length === 0) return noMedia("that side has no media");
    const mayStay = wish.restart === false && side.transport !== undefined;
    const made = await side.offer(plans, !mayStay);
    return made.ok ? taken(this.#described(made.value)) : made;
  }

  #plansAgain(side: MediaSide, { local }: Settled, wish: OfferWish): readonly StreamPlan[] {
    return this.#streams.flatMap((media, id): StreamPlan[] => {
      const [slot, agreed] = [side.slotOf(id), side.agreedFor(id)];
      const ours = slot === undefined ? undefined : local.media[slot];
      if (!agreed || !ours || (media === "video" && wish.audioOnly)) return [];
      const codecs =
        media === "audio" ? offeredSound(passedOn(ours), wish.codecs) : offeredVideo(ours);
      const { direction } = agreed;
      return [{ id, media, slot, codecs, direction, ...passedWishes(local, ours) }];
    });
  }

  play(tag: string, what: Playable): void {
    const { id: call, onevent } = this.#options;
    this.#untap(tag);
    playTo(this.#voiceOf(tag), what, () => onevent({ kind: "Played", call, tag }));
  }

  stop(tag: string): void {
    this.#untap(tag);
    this.#voiceOf(tag).end?.play(undefined);
  }

  echo(tag: string, delayMs: number): void {
    echoTo(this.#voiceOf(tag), delayMs);
  }

  record(what: Recording): void {
    void this.stopRecording();
    const { id: call, onevent, onnote } = this.#options;
    this.#indications.own = "on";
    const recorder: CallRecorder = new CallRecorder(what, {
      begun: () => {
        for (const side of this.#sides.values()) this.#recorder?.attach(side);
      },
      opened: (path) => onevent({ kind: "Recording", call, path }),
      ended: (paths, why) => {
        if (this.#recorder === recorder) {
          this.#recorder = undefined;
          this.#indications.own = "off";
        }
        if (why !== undefined) onnote(`call ${call} is recorded no longer: ${why}`);
        onevent({ kind: "Recorded", call, paths, ...(why !== undefined && { why }) });
      },
    });
    this.#recorder = recorder;
  }

  /** The files are whole once it has resolved. */
  async stopRecording(): Promise<void> {
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#recorder = undefined;
    this.#indications.own = "off";
    await recorder.end([...this.#sides.values()]);
  }

  press(tag: string, tones: string): void {
    this.#voiceOf(tag).end?.press(tones);
  }

  /** All but which worker it is. */
  statistics(at: number): Omit<CallStatistics, "worker"> {
    const sides: Record<string, SideStatistics> = {};
    let isTranscoded = false;
    for (const [tag, side] of this.#sides) {
      const media = this.#mediaOf(side);
      const { end } = this.#voiceOf(tag);
      if (!media || !end) continue;
      const { roundTripMs, mos, isTranscoded: is, ...counts } = end.statistics(at);
      isTranscoded ||= is;
      const refusedThere = side.transport?.statistics().packetsRefused ?? 0;
      sides[tag] = {
        media,
        ...counts,
        packetsRefused: counts.packetsRefused + refusedThere,
        ...(roundTripMs !== undefined && { roundTripMs }),
        ...(mos !== undefined && { mos }),
      };
    }
    return { sides, isTranscoded };
  }

  /** Sides that send by what was agreed on, and of whom nothing came for so long. Told once. */
  watch(at: number): void {
    const { id: call, onevent } = this.#options;
    for (const [tag, side] of this.#sides) {
      const sound = side.firstAgreed("audio");
      const silentForMs = side.firstEnd("audio")?.statistics(at).silentForMs ?? 0;
      const isSilent = sound !== undefined && receives(sound.direction) && silentForMs > SILENT_MS;
      if (isSilent && !this.#silent.has(tag)) {
        this.#silent.add(tag);
        onevent({ kind: "Silent", call, tag, sinceMs: Math.round(silentForMs) });
      } else if (!isSilent) this.#silent.delete(tag);
    }
  }

  /** One side is over. True: nobody is left. */
  end(tag: string): boolean {
    this.#sides.get(tag)?.close();
    this.#sides.delete(tag);
    this.#hears.delete(tag);
    this.#silent.delete(tag);
    this.#indications.forget(tag);
    this.#exchanges.delete(tag);
    for (const [one, other] of this.#hears) if (other === tag) this.#hears.delete(one);
    for (const { to } of this.#exchanges.values()) to.delete(tag);
    this.#connect();
    return this.#sides.size === 0;
  }

  /** Resolves once what was recorded of it is on the disk; all else is over at once. */
  close(): Promise<void> {
    const recorded = this.stopRecording();
    this.#isClosed = true;
    for (const side of this.#sides.values()) side.close();
    this.#sides.clear();
    return recorded;
  }

  #side(side: Side): MediaSide | undefined {
    const known = this.#sides.get(side.tag);
    if (known) {
      known.change(side);
      return known;
    }
    if (this.#sides.size >= MAX_SIDES) return undefined;
    const { parts } = this.#options;
    const made = new MediaSide(side, parts, this.#userFor(side.tag));
    this.#sides.set(side.tag, made);
    return made;
  }

  /** Nobody echoes that side any more; a recording hears it again. */
  #untap(tag: string): void {
    const side = this.#sides.get(tag);
    side?.firstEnd("audio")?.tap(undefined);
    if (side) this.#recorder?.attach(side);
  }

  /** The first stream of sound of a side. */
  #voiceOf(tag: string): SideVoice {
    const side = this.#sides.get(tag);
    const agreed = side?.firstAgreed("audio");
    const sampleRate = (agreed && sampleRateOf(agreed.codecs)) ?? 8000;
    const { shelf, onnote } = this.#options;
    return { end: side?.firstEnd("audio"), sampleRate, shelf, onerror: onnote };
  }

  #userFor(tag: string) {
    const { id: call, onevent } = this.#options;
    return {
      failed: (why: string) => onevent({ kind: "Failed", call, tag, why }),
      recorded: () => this.#indications.for(tag),
      pressed: (key: Omit<Extract<CallEvent, { kind: "Dtmf" }>, "kind" | "call" | "tag">) =>
        onevent({ kind: "Dtmf", call, tag, ...key }),
    };
  }

  /** What this side has said, with what it says of recordings. */
  #read({ tag }: Side, text: string): MediaResult<Description> {
    const read = readDescription(text);
    if (read.ok) this.#indications.heard(tag, read.value);
    return read;
  }

  /** An offer crosses another of the same two. */
  #isGlare(offerer: MediaSide, answerer: MediaSide, text: string): boolean {
    const before = this.#exchanges.get(offerer.tag);
    const isOpen = before && before.answered === undefined && before.text !== text;
    const theirs = this.#exchanges.get(answerer.tag);
    const isCrossing = theirs?.to.has(offerer.tag) && theirs.answered === undefined;
    return offerer.isOffering || answerer.isOffering || isOpen === true || isCrossing === true;
  }

  /** The same as before where one offer goes to several. */
  #exchangeOf(offerer: MediaSide, text: string, description: Description): Exchange {
    const before = this.#exchanges.get(offerer.tag);
    if (before?.text === text && !before.isFinal) return before;
    const exchange: Exchange = {
      ...{ text, description, answered: undefined, dropped: undefined, isFinal: false },
      ids: streamsIn(description, offerer, this.#streams),
      to: new Set(),
    };
    this.#exchanges.set(offerer.tag, exchange);
    return exchange;
  }

  #talk(one: string, other: string): void {
    this.#hears.set(one, other);
    this.#hears.set(other, one);
    this.#connect();
  }

  /** Each stream hears that of the same number, of who its side talks to. */
  #connect(): void {
    for (const [tag, side] of this.#sides) {
      const other = this.#sides.get(this.#hears.get(tag) ?? "");
      for (const [id, end] of side.ends) end.hear(other?.end(id));
      this.#recorder?.attach(side);
    }
  }

  #mediaOf(side: MediaSide): SideMedia | undefined {
    return sideMedia(side, this.#exchanges.get(side.tag));
  }

  #described(sdp: string): Described {
    const sides = [...this.#sides.values()].flatMap((side) => {
      const media = this.#mediaOf(side);
      return media ? [[side.tag, media] as const] : [];
    });
    return { sdp, sides: Object.fromEntries(sides) };
  }
}

const SILENT_MS = 30_000;
const MAX_WAITING = 32;
const GONE = "the call is over";
const BUSY = "the call is asked for too much at once";
