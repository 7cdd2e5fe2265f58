import { afterEach, expect, test, vi } from "vitest";
import { mix, routesOf } from "./mix.ts";
import type { WebMedia } from "./web-media.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("everybody hears all others and never themselves", () => {
  expect(routesOf(2)).toEqual([
    { to: 0, others: [1] },
    { to: 1, others: [0] },
  ]);
  expect(routesOf(3).map(({ others }) => others)).toEqual([
    [1, 2],
    [0, 2],
    [0, 1],
  ]);
});

interface Track {
  readonly id: string;
}

/** Media of a call, and what it sends now. */
function call(name: string) {
  const own: Track[] = [{ id: `${name} microphone` }];
  const theirs: Track[] = [{ id: name }];
  const listeners = new Set<() => void>();
  const it = {
    sends: undefined as Track | undefined,
    own,
    theirs,
    state: "stable",
    changed: () => {
      for (const listener of listeners) listener();
    },
    listeners,
  };
  const media = {
    peerConnection: {
      get signalingState() {
        return it.state;
      },
    },
    local: { getAudioTracks: () => own },
    remote: { getAudioTracks: () => theirs },
    sendVoice: async (track: Track | undefined) => {
      it.sends = track;
    },
    on: (_: string, listener: () => void, { signal }: { signal: AbortSignal }) => {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener));
    },
  } as unknown as WebMedia;
  return { it, media };
}

/** A context in which one sees what is wired to what. */
function context() {
  const wires = new Set<string>();
  let count = 0;
  const it = {
    isClosed: false,
    createMediaStreamDestination: () => {
      const track = { id: `mix ${count++}` };
      return { track, stream: { getAudioTracks: () => [track] } };
    },
    createMediaStreamSource: ({ id }: Track) => ({
      connect: (to: { track: Track }) => void wires.add(`${id} -> ${to.track.id}`),
      disconnect: () => {
        for (const one of wires) if (one.startsWith(`${id} ->`)) wires.delete(one);
      },
    }),
    resume: async () => {},
    close: async () => {
      it.isClosed = true;
    },
  };
  vi.stubGlobal("MediaStream", function stream([track]: Track[]) {
    return track;
  });
  return { it, wires: () => [...wires].toSorted(), context: it as unknown as AudioContext };
}

test("two calls are joined: what each is sent is one's own voice and the other call", () => {
  const [bob, carol] = [call("Bob"), call("Carol")];
  const { context: audio, wires } = context();
  mix([bob.media, carol.media], audio);
  expect([bob.it.sends?.id, carol.it.sends?.id]).toEqual(["mix 0", "mix 1"]);
  expect(wires()).toEqual([
    ...["Bob -> mix 1", "Bob microphone -> mix 0"],
    ...["Carol -> mix 0", "Carol microphone -> mix 1"],
  ]);
});

test("another microphone, and a voice that comes later, are in it as well", () => {
  const [bob, carol] = [call("Bob"), call("Carol")];
  const { context: audio, wires } = context();
  mix([bob.media, carol.media], audio);
  bob.it.own.splice(0, 1, { id: "headset" });
  carol.it.theirs.push({ id: "Carol's music" });
  bob.it.changed();
  expect(wires()).toEqual([
    ...["Bob -> mix 1", "Carol -> mix 0", "Carol microphone -> mix 1"],
    ...["Carol's music -> mix 0", "headset -> mix 0"],
  ]);
});

test("it ends when one wants so, and with the first call that ends", () => {
  for (const end of ["wanted", "call over"]) {
    const [bob, carol] = [call("Bob"), call("Carol")];
    const { context: audio, wires, it } = context();
    const mixed = mix([bob.media, carol.media], audio);
    if (end === "wanted") mixed.end();
    else {
      carol.it.state = "closed";
      carol.it.changed();
    }
    expect([bob.it.sends, carol.it.sends, wires(), it.isClosed]).toEqual([
      ...[undefined, undefined, [], true],
    ]);
    expect(bob.it.listeners.size + carol.it.listeners.size).toBe(0);
    mixed.end();
  }
});
