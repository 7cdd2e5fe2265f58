import { type Sink, type Source, samplesOf, tone } from "carillon/rtp";
import { beforeEach, expect, test } from "vitest";
import type { DeskMedia } from "./desk-media.ts";
import { Sound } from "./sound.ts";

const RATE = 16_000;
const FRAME = 320;

/** Media without a line: what they read is sent, what is put into `write` was heard. */
function media(): DeskMedia & { sent(): number; hear(level: number): void } {
  const session: DeskMedia = {
    ...{ source: undefined, sink: undefined, muted: false, statistics: undefined },
    isEncrypted: false,
    offer: async () => "",
    answer: async () => "",
    accept: async () => {},
    close: () => {},
  };
  return Object.assign(session, {
    sent: () => loudest(session.source?.read(FRAME) ?? new Int16Array(FRAME)),
    hear: (level: number) => session.sink?.write(new Int16Array(FRAME).fill(level), RATE),
  });
}

const loudest = (pcm: Int16Array): number => pcm.reduce((most, one) => Math.max(most, one), 0);

let here: { heard: number[]; ended: number; begun: number };
let sound: Sound;

beforeEach(() => {
  here = { heard: [], ended: 0, begun: 0 };
  const source = (): Source => {
    here.begun++;
    return samplesOf(new Int16Array(FRAME * 100).fill(100), RATE);
  };
  const sink = (): Sink => ({
    write: (pcm) => here.heard.push(loudest(pcm)),
    end: () => here.ended++,
  });
  sound = new Sound({ source, sink });
});

test("with one call, the microphone and the loudspeaker are its own", () => {
  const one = media();
  sound.attach(one);
  expect(one.sent()).toBe(100);
  one.hear(7);
  expect(here.heard).toEqual([7]);
});

test("calls that go on at the same time hear this phone and each other, and nobody himself", () => {
  const [one, other] = [media(), media()];
  sound.attach(one);
  sound.attach(other);
  one.hear(1000);
  other.hear(30);
  expect(one.sent()).toBe(130);
  expect(other.sent()).toBe(1100);
  expect(here.heard).toEqual([1030]);
});

test("one of two leaves, whichever: the other one talks on", () => {
  for (const leaves of [0, 1]) {
    const both = [media(), media()];
    for (const each of both) sound.attach(each);
    sound.detach(both[leaves] as DeskMedia);
    const stays = both[1 - leaves];
    expect(stays?.sent()).toBe(100);
    stays?.hear(7);
    expect(here.heard.at(-1)).toBe(7);
    expect(both[leaves]?.sent()).toBe(0);
    sound.close();
  }
});

test("of three, the one who keeps the pace can leave", () => {
  const all = [media(), media(), media()] as const;
  for (const each of all) sound.attach(each);
  sound.detach(all[0]);
  all[2].hear(1000);
  expect(all[1].sent()).toBe(1100);
  expect(all[2].sent()).toBe(100);
});

test("when nobody talks any more it ends, and a file begins again for the next call", () => {
  const one = media();
  sound.attach(one);
  sound.detach(one);
  expect(here.ended).toBe(1);
  sound.attach(one);
  expect(here.begun).toBe(2);
});

test("a source of another rate is heard by all of them", () => {
  const slow = new Sound({
    source: () => tone({ frequencies: [400], sampleRate: 8000 }),
    sink: () => ({ write: () => {} }),
  });
  const [one, other] = [media(), media()];
  slow.attach(one);
  slow.attach(other);
  const levels = Array.from({ length: 10 }, () => [one.sent(), other.sent()]);
  expect(levels.at(-1)?.every((level) => level > 5000)).toBe(true);
});
