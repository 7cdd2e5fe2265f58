import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tone } from "carillon/rtp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toneShare } from "../sound/tone-share.ts";
import { Loudspeaker } from "./loudspeaker.ts";
import { Microphone } from "./microphone.ts";
import { findProgram, PLAYERS, RECORDERS } from "./sound-programs.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-device-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program of this name, a real process of Node's, that does this. */
function program(name: string, code: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${code}\n`);
  chmodSync(path, 0o755);
}

async function until<T>(what: () => T | undefined | null | false): Promise<T> {
  for (let nth = 0; nth < 500; nth++) {
    const found = what();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came: ${what}`);
}

/** Writes a tone of 1 kHz in odd pieces as quickly as it is taken. */
const RECORDS = `
const { writeFileSync } = require("node:fs");
writeFileSync(${JSON.stringify("ARGS")}, process.argv.slice(2).join(" "));
let at = 0;
setInterval(() => {
  const octets = Buffer.alloc(1920);
  for (let i = 0; i < 960; i++) octets.writeInt16LE(8000 * Math.sin(Math.PI * at++ / 24), i * 2);
  process.stdout.write(octets.subarray(0, 777));
  process.stdout.write(octets.subarray(777));
}, 20);
`;

test("a microphone is what arecord says, asked for raw samples at 48 kHz", async () => {
  program("arecord", RECORDS.replace("ARGS", join(folder, "args")));
  const microphone = new Microphone({ path: folder, device: "hw:1" });
  const heard: number[] = [];
  await until(() => {
    const pcm = microphone.read(960);
    if (pcm) heard.push(...pcm);
    return heard.length >= 4800;
  });
  expect(toneShare(Int16Array.from(heard.slice(0, 4800)), 48_000, 1000)).toBeGreaterThan(0.99);
  expect(readFileSync(join(folder, "args"), "utf8")).toContain(
    "-D hw:1 -q -t raw -f S16_LE -c 1 -r 48000",
  );
  microphone.close();
  expect(microphone.read(960)).toBeNull();
});

test("what is recorded and not read is thrown away, so that nobody is heard late", async () => {
  program("arecord", "setInterval(() => process.stdout.write(Buffer.alloc(48000)), 1);");
  const microphone = new Microphone({ path: folder });
  await new Promise((resolve) => setTimeout(resolve, 400));
  let samples = 0;
  // All in one turn: nothing comes in between.
  for (let pcm = microphone.read(960); pcm; pcm = microphone.read(960)) samples += 960;
  expect(samples).toBeGreaterThan(0);
  expect(samples).toBeLessThanOrEqual((48_000 * 200) / 1000);
  microphone.close();
});

test("a loudspeaker is given what is heard, at its own rate", async () => {
  const heard = join(folder, "heard");
  // Before it is started: on a busy machine it writes before this test goes on.
  writeFileSync(heard, "");
  program(
    "aplay",
    `const { appendFileSync } = require("node:fs");
     process.stdin.on("data", (octets) => appendFileSync(${JSON.stringify(heard)}, octets));`,
  );
  const loudspeaker = new Loudspeaker({ path: folder });
  const source = tone({ frequencies: [1000], sampleRate: 8000 });
  for (let nth = 0; nth < 10; nth++) loudspeaker.write(source.read(160) ?? new Int16Array(), 8000);
  const octets = await until(() => {
    const so = readFileSync(heard);
    return so.length >= 19_200 - 400 && so;
  });
  const pcm = new Int16Array(octets.buffer, octets.byteOffset, octets.length >> 1);
  expect(toneShare(pcm.subarray(2400, 7200), 48_000, 1000)).toBeGreaterThan(0.99);
  loudspeaker.close();
});

test("a loudspeaker that takes nothing holds up no call and fills no memory", async () => {
  program("aplay", "setInterval(() => {}, 1000);");
  const loudspeaker = new Loudspeaker({ path: folder });
  const before = process.memoryUsage().arrayBuffers;
  const pcm = new Int16Array(960);
  for (let nth = 0; nth < 2000; nth++) loudspeaker.write(pcm, 48_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
  loudspeaker.close();
});

test("a program that fails is told of in its own words, and nothing more is heard", async () => {
  const complaint = "arecord: main:831: audio open error: No such device";
  program("arecord", `console.error("ALSA lib\\n${complaint}"); process.exit(1);`);
  let said = "";
  const microphone = new Microphone({ path: folder, onerror: (words) => (said = words) });
  await until(() => said);
  expect(said).toBe(`The microphone stopped: arecord ended with 1 (${complaint}).`);
  expect(microphone.read(960)).toBeNull();
  program("aplay", `process.kill(process.pid, "SIGKILL");`);
  let told = "";
  const loudspeaker = new Loudspeaker({ path: folder, onerror: (words) => (told = words) });
  await until(() => told);
  expect(told).toBe("The loudspeaker stopped: aplay ended with SIGKILL.");
  loudspeaker.write(new Int16Array(960), 48_000);
});

test("a program that is none is told of too", async () => {
  writeFileSync(join(folder, "arecord"), "#!/nowhere/at/all\n");
  chmodSync(join(folder, "arecord"), 0o755);
  let said = "";
  const failed = () => new Microphone({ path: folder, onerror: (words) => (said = words) });
  failed();
  await until(() => said);
  expect(said).toContain("arecord could not be started");
});

test("a sound server's program is taken before one that wants the device for itself", () => {
  for (const name of ["arecord", "parec", "aplay", "pacat", "rec"]) program(name, "");
  expect(findProgram(RECORDERS, folder)?.program.name).toBe("parec");
  expect(findProgram(PLAYERS, folder)?.program.name).toBe("pacat");
  // What cannot be run is not there.
  chmodSync(join(folder, "parec"), 0o644);
  expect(findProgram(RECORDERS, folder)?.program.name).toBe("arecord");
});

test("where there is no program it is said what to install", () => {
  expect(() => new Microphone({ path: folder })).toThrow(/no microphone: .*install/);
  expect(() => new Loudspeaker({ path: folder })).toThrow(/no loudspeaker: .*install/);
});
