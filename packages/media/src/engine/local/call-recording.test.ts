import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Beat, VoiceTime } from "carillon/node";
import { tone } from "carillon/rtp";
import { afterAll, expect, test } from "vitest";
import { OpusFileSource } from "../../file/opus-file-source.ts";
import { OpusDecoder } from "../../opus/opus-decoder.ts";
import { toneShare } from "../../sound/tone-share.ts";
import { CallRecording, type CallRecordingOptions } from "./call-recording.ts";
import type { RecordedSide } from "./recorded-side.ts";
import { Vp8Line } from "./testing-vp8.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-recording-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

class Turned implements VoiceTime {
  readonly beats = new Set<Beat>();
  time = 1000;
  now = (): number => this.time;
  add = (beat: Beat): unknown => this.beats.add(beat);
  delete = (beat: Beat): unknown => this.beats.delete(beat);
}

type Ended = { readonly paths: readonly string[]; readonly why: string | undefined };

/** Two who speak, each a tone of their own; what else happens is done at each 20 ms. */
class Stage {
  readonly clock = new Turned();
  readonly sides: RecordedSide[] = [];
  readonly tones = [400, 1000].map((hertz) =>
    tone({ frequencies: [hertz], amplitude: 0.2, sampleRate: 48_000 }),
  );
  recording: CallRecording | undefined;
  readonly ended: Promise<Ended>;
  #resolve: (ended: Ended) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  async begin(path: string, options: Partial<CallRecordingOptions> = {}): Promise<void> {
    this.recording = await CallRecording.begin(path, {
      ...{ format: "ogg", minFreeBytes: 0, clock: this.clock },
      onended: (paths, why) => this.#resolve({ paths, why }),
      ...options,
    });
    for (const _ of this.tones) this.sides.push(this.recording.side());
  }

  async run(ms: number, each: (nth: number) => void = () => {}): Promise<void> {
    for (let nth = 0; nth < ms / 20; nth++) {
      this.clock.time += 20;
      for (const [n, side] of this.sides.entries()) {
        side.sound.write(this.tones[n]?.read(960) ?? new Int16Array(), 48_000);
      }
      each(nth);
      for (const beat of this.clock.beats) beat(this.clock.time);
      if (nth % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function channelsOf(path: string): Promise<readonly Int16Array[]> {
  const bunny = await import("mediabunny");
  using input = new bunny.Input({
    ...{ formats: [bunny.OGG, bunny.WEBM], source: new bunny.FilePathSource(path) },
  });
  const track = await input.getPrimaryAudioTrack();
  if (!track) throw new Error("no sound");
  const channels = (await track.getNumberOfChannels()) as 1 | 2;
  const decoder = new OpusDecoder({ sampleRate: 48_000, channels });
  const pcm: number[] = [];
  for await (const packet of new bunny.EncodedPacketSink(track).packets()) {
    for (const sample of decoder.decode(packet.data)) pcm.push(sample);
  }
  return Array.from({ length: channels }, (_, nth) =>
    Int16Array.from(pcm.filter((_, at) => at % channels === nth)),
  );
}

async function picturesOf(path: string) {
  const bunny = await import("mediabunny");
  using input = new bunny.Input({
    ...{ formats: [bunny.WEBM], source: new bunny.FilePathSource(path) },
  });
  const videos = [];
  for (const track of await input.getVideoTracks()) {
    const packets = [];
    for await (const { timestamp, type } of new bunny.EncodedPacketSink(track).packets()) {
      packets.push({ timestamp, type });
    }
    videos.push({ codec: await track.getCodec(), width: await track.getCodedWidth(), packets });
  }
  return videos;
}

const middle = (pcm: Int16Array) => pcm.subarray(24_000, 72_000);

test.each(["ogg", "webm"] as const)("both are heard in a file of %s, mixed", async (format) => {
  const stage = new Stage();
  await stage.begin(file(`mixed.${format}`), { format });
  await stage.run(2000);
  await stage.recording?.end();
  expect(await stage.ended).toEqual({ paths: [file(`mixed.${format}`)], why: undefined });
  const [mono, none] = await channelsOf(file(`mixed.${format}`));
  expect(none).toBeUndefined();
  expect(Math.abs((mono?.length ?? 0) - 96_000)).toBeLessThan(2000);
  for (const hertz of [400, 1000]) {
    expect(toneShare(middle(mono ?? new Int16Array()), 48_000, hertz)).toBeCloseTo(0.5, 1);
  }
  expect(statSync(file(`mixed.${format}`)).mode & 0o777).toBe(0o600);
});

test("each on a channel; a third is beside the second", async () => {
  const stage = new Stage();
  await stage.begin(file("stereo.ogg"), { channels: "stereo" });
  stage.tones.push(tone({ frequencies: [3000], amplitude: 0.2, sampleRate: 48_000 }));
  stage.sides.push(stage.recording!.side());
  await stage.run(2000);
  await stage.recording?.end();
  const [left, right] = (await channelsOf(file("stereo.ogg"))).map(middle);
  expect(toneShare(left ?? new Int16Array(), 48_000, 400)).toBeGreaterThan(0.95);
  for (const hertz of [1000, 3000]) {
    expect(toneShare(right ?? new Int16Array(), 48_000, hertz)).toBeGreaterThan(0.4);
  }
});

test("nobody's file is written over", async () => {
  writeFileSync(file("there.ogg"), "somebody's");
  const stage = new Stage();
  await stage.begin(file("there.ogg"));
  await stage.run(500);
  await stage.recording?.end();
  expect((await stage.ended).paths).toEqual([file("there-2.ogg")]);
  expect(readFileSync(file("there.ogg"), "utf8")).toBe("somebody's");
});

test("it ends by itself: too long, too large, no room, and no such folder", async () => {
  const long = new Stage();
  await long.begin(file("long.ogg"), { maxMs: 1000 });
  await long.run(2000);
  expect((await long.ended).why).toContain("as long as it may be");
  expect((await channelsOf(file("long.ogg")))[0]?.length).toBe(48_000);
  const large = new Stage();
  await large.begin(file("large.ogg"), { maxBytes: 5000 });
  await large.run(20_000);
  expect((await large.ended).why).toContain("as large as it may be");
  expect(statSync(file("large.ogg")).size).toBeLessThan(10_000);
  const full = { minFreeBytes: Number.MAX_SAFE_INTEGER, clock: new Turned() };
  await expect(CallRecording.begin(file("f.ogg"), { format: "ogg", ...full })).rejects.toThrow(
    "full",
  );
  expect(existsSync(file("f.ogg"))).toBe(false);
  const nowhere = CallRecording.begin(file("no/x.ogg"), { format: "ogg", clock: new Turned() });
  await expect(nowhere).rejects.toThrow("ENOENT");
  const taken = new Stage();
  await taken.begin(file("none.ogg"));
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
  await taken.run(200);
  expect((await taken.ended).why).toContain("ENOENT");
  const { mkdirSync } = await import("node:fs");
  mkdirSync(folder);
});

test("pictures are in it as they came, from the first whole one on", async () => {
  const stage = new Stage();
  await stage.begin(file("video.webm"), { format: "webm" });
  const line = new Vp8Line();
  let asked = 0;
  stage.sides[0]?.expect(line.payloadType, () => asked++);
  await stage.run(3000, (nth) => {
    if (nth < 10) return;
    for (const packet of line.frame(nth === 20 || nth === 90)) {
      stage.sides[0]?.picture(packet, stage.clock.time);
    }
  });
  await stage.recording?.end();
  expect((await stage.ended).paths).toEqual([file("video.webm")]);
  const [video] = await picturesOf(file("video.webm"));
  expect(video).toMatchObject({ codec: "vp8", width: 640 });
  expect(video?.packets).toHaveLength(130);
  expect(video?.packets.filter(({ type }) => type === "key")).toHaveLength(2);
  expect(video?.packets[0]?.timestamp).toBeCloseTo(0.5, 1);
  expect(asked).toBeGreaterThan(0);
  const [mono] = await channelsOf(file("video.webm"));
  expect(Math.abs((mono?.length ?? 0) - 144_000)).toBeLessThan(2000);
});

test("a camera that goes, and comes again, makes another file; sound has no gap", async () => {
  const stage = new Stage();
  await stage.begin(file("camera.webm"), { format: "webm" });
  const [line, side] = [new Vp8Line(), stage.sides[1]];
  side?.expect(line.payloadType, () => {});
  await stage.run(12_000, (nth) => {
    if (nth > 100 && nth < 300) return;
    for (const packet of line.frame(nth % 50 === 0)) side?.picture(packet, stage.clock.time);
  });
  await stage.recording?.end();
  const { paths } = await stage.ended;
  expect(paths).toEqual(["camera.webm", "camera-2.webm", "camera-3.webm"].map(file));
  const pictures = await Promise.all(paths.map(picturesOf));
  expect(pictures.map((tracks) => tracks.length)).toEqual([1, 0, 1]);
  const sounds = await Promise.all(paths.map(channelsOf));
  const samples = sounds.reduce((sum, [mono]) => sum + (mono?.length ?? 0), 0);
  expect(Math.abs(samples - 12 * 48_000)).toBeLessThan(5000);
});

test.each(["ogg", "webm"])("kill -9 leaves what was said, in %s", async (format) => {
  const path = file(`killed.${format}`);
  const script = `
    import { tone } from "carillon/rtp";
    import { CallRecording } from "${new URL("call-recording.ts", import.meta.url).href}";
    const options = { format: "${format}", minFreeBytes: 0 };
    const recording = await CallRecording.begin(${JSON.stringify(path)}, options);
    const side = recording.side();
    const source = tone({ frequencies: [1000], sampleRate: 48000 });
    const from = performance.now();
    setInterval(() => side.sound.write(source.read(960), 48000), 20);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 4000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    ...{ stdio: ["ignore", "inherit", "inherit"], cwd: import.meta.dirname },
  });
  const signal = await new Promise((resolve) => child.on("exit", (_, how) => resolve(how)));
  expect(signal).toBe("SIGKILL");
  const [mono] = await channelsOf(path);
  const seconds = (mono?.length ?? 0) / 48_000;
  expect(seconds).toBeGreaterThan(2);
  expect(toneShare(middle(mono ?? new Int16Array()), 48_000, 1000)).toBeGreaterThan(0.7);
  const player = await OpusFileSource.open(path);
  expect(player.read(960)).toHaveLength(960);
  player.close();
});
