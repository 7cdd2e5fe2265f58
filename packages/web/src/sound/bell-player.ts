/**
 * Plays tunes on WebAudio. A browser gives no sound to a page nobody has touched: `blocked` says
 * so, and the first click or key anywhere on the page lifts it.
 */
import { createStore, type Store } from "../store.ts";
import { type Tone, tonesOf } from "./bell.ts";
import { type TuneName, tunes } from "./tunes.ts";

export interface BellPlayer {
  /** True while the browser would swallow the ring. */
  readonly blocked: Store<boolean>;
  /** Plays until another tune or `undefined` takes its place. */
  loop(name: TuneName | undefined): void;
  once(name: TuneName): void;
  close(): void;
}

const SILENCE = 0.0001;
/** Long enough not to click, short enough to feel like the clapper. */
const ATTACK_SECONDS = 0.004;
const DAMP_SECONDS = 0.12;
const PATIENCE_MS = 500;

export function createBellPlayer(): BellPlayer {
  const context = new AudioContext({ latencyHint: "interactive" });
  const blocked = createStore(context.state !== "running");
  const gate = new AbortController();
  const wake = () => void context.resume().catch(() => {});
  for (const type of ["pointerdown", "keydown"]) {
    addEventListener(type, wake, { signal: gate.signal, capture: true });
  }
  context.onstatechange = () => blocked.write(context.state !== "running");

  let looping: { name: TuneName; stop: () => void } | undefined;
  return {
    blocked,
    loop(name) {
      if (looping?.name === name) return;
      looping?.stop();
      looping = name === undefined ? undefined : { name, stop: repeat(context, name) };
    },
    once: (name) => void awake(context).then((soon) => soon && play(context, name)),
    close() {
      looping?.stop();
      gate.abort();
      void context.close().catch(() => {});
    },
  };
}

/** Whether the browser lets the page sound at once; a bell struck much later would only puzzle. */
async function awake(context: AudioContext): Promise<boolean> {
  const askedMs = performance.now();
  await context.resume().catch(() => {});
  return performance.now() - askedMs < PATIENCE_MS;
}

function repeat(context: AudioContext, name: TuneName): () => void {
  let stop = play(context, name);
  const periodMs = (tunes[name].periodSeconds ?? 4) * 1000;
  const timer = setInterval(() => {
    stop = play(context, name);
  }, periodMs);
  return () => {
    clearInterval(timer);
    stop();
  };
}

/** Starts every tone of the tune now; the answer damps the bells. */
function play(context: AudioContext, name: TuneName): () => void {
  // Strokes given to a sleeping context would all sound together when it wakes.
  if (context.state !== "running") return () => {};
  const out = new GainNode(context, { gain: 1 });
  out.connect(context.destination);
  const from = context.currentTime + 0.02;
  const tones = tunes[name].strokes.flatMap(tonesOf);
  for (const tone of tones) sound(context, out, from, tone);
  return () => {
    out.gain.setTargetAtTime(0, context.currentTime, DAMP_SECONDS / 4);
    setTimeout(() => out.disconnect(), DAMP_SECONDS * 2000);
  };
}

function sound(context: AudioContext, out: GainNode, from: number, tone: Tone): void {
  const at = from + tone.atSeconds;
  const oscillator = new OscillatorNode(context, { frequency: tone.frequencyHz });
  const envelope = new GainNode(context, { gain: 0 });
  envelope.gain.setValueAtTime(SILENCE, at);
  envelope.gain.linearRampToValueAtTime(tone.level, at + ATTACK_SECONDS);
  envelope.gain.exponentialRampToValueAtTime(tone.level / 1000, at + tone.decaySeconds);
  oscillator.connect(envelope).connect(out);
  oscillator.onended = () => envelope.disconnect();
  oscillator.start(at);
  oscillator.stop(at + tone.decaySeconds);
}
