/**
 * Several calls as one: everybody hears everybody else. Mixed here, so that the other sides need
 * nothing for it but their own call with this one.
 */
import type { WebMedia } from "./web-media.ts";

/** Calls that are joined. */
export interface Mix {
  /** Each call by itself again. It also ends with the first call that does. */
  end(): void;
}

/** What one call of several is to hear: whose microphone, and which other calls. */
export interface Route {
  readonly to: number;
  readonly others: readonly number[];
}

/** Everybody but oneself: who heard their own voice come back would stop speaking. */
export const routesOf = (count: number): readonly Route[] =>
  Array.from({ length: count }, (_, to) => ({
    to,
    others: Array.from({ length: count }, (_, from) => from).filter((from) => from !== to),
  }));

/**
 * Joins calls. Their own sound has to be played as before, which is how one hears all of them here;
 * muting each is still a matter of its media. `context` is closed at the end.
 */
export function mix(all: readonly WebMedia[], context: AudioContext = new AudioContext()): Mix {
  const over = new AbortController();
  const outlets = all.map(() => context.createMediaStreamDestination());
  let wires: Wires | undefined;
  const rewire = (): void => {
    const tracks = routesOf(all.length).map(({ to, others }) => voicesFor(all, to, others));
    const key = tracks.map((some) => some.map(({ id }) => id).join()).join(";");
    if (wires?.key === key) return;
    wires?.cut();
    wires = wire(context, tracks, outlets, key);
  };
  const end = (): void => {
    if (over.signal.aborted) return;
    over.abort();
    wires?.cut();
    for (const media of all) void media.sendVoice(undefined).catch(() => {});
    void context.close().catch(() => {});
  };
  const isOver = ({ peerConnection }: WebMedia) => peerConnection.signalingState === "closed";
  const changed = (): void => (all.some(isOver) ? end() : rewire());
  rewire();
  void context.resume().catch(() => {});
  for (const [index, media] of all.entries()) {
    const [track] = outlets[index]?.stream.getAudioTracks() ?? [];
    void media.sendVoice(track).catch(() => {});
    media.on("change", changed, { signal: over.signal });
  }
  return { end };
}

/** One's own microphone in that call, and what comes from the others. */
function voicesFor(
  all: readonly WebMedia[],
  to: number,
  others: readonly number[],
): readonly MediaStreamTrack[] {
  const own = all[to]?.local.getAudioTracks() ?? [];
  return [...own, ...others.flatMap((from) => all[from]?.remote.getAudioTracks() ?? [])];
}

interface Wires {
  /** Which tracks they join. */
  readonly key: string;
  cut(): void;
}

function wire(
  context: AudioContext,
  tracks: readonly (readonly MediaStreamTrack[])[],
  outlets: readonly MediaStreamAudioDestinationNode[],
  key: string,
): Wires {
  const sources = new Map<string, MediaStreamAudioSourceNode>();
  const sourceOf = (track: MediaStreamTrack): MediaStreamAudioSourceNode => {
    const source =
      sources.get(track.id) ?? context.createMediaStreamSource(new MediaStream([track]));
    sources.set(track.id, source);
    return source;
  };
  for (const [index, some] of tracks.entries()) {
    const outlet = outlets[index];
    for (const track of some) if (outlet) sourceOf(track).connect(outlet);
  }
  return {
    key,
    cut() {
      for (const source of sources.values()) source.disconnect();
    },
  };
}
