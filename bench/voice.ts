// What a call costs a phone in Node: many at once, whose other ends are in a process of their own,
// over real sockets on loopback.
//
//   node bench/voice.ts                    200 G.711 calls for 60 s
//   node bench/voice.ts 50 10 G722 srtp    50 calls for 10 s with another codec, encrypted

import { type ChildProcess, fork } from "node:child_process";
import { VoiceMedia, type VoiceOptions, voiceClock } from "carillon/node";
import { type Codec, g722, pcma, pcmu, silence, tone } from "carillon/rtp";

const HERE = "127.0.0.1";
const AUDIO = { audio: true, video: false };
/** Buffers have filled and compilers have compiled. */
const SETTLED_MS = 5000;
const CODECS: readonly Codec[] = [pcmu, pcma, g722];

const [countText = "200", secondsText = "60", codecName = "PCMU", srtp = "off"] =
  process.argv.slice(2);
const codec = CODECS.find(({ name }) => name === codecName) ?? pcmu;

if (process.send) farEnd(Number(process.env["FIRST_PORT"]));
else await measure(Number(countText), Number(secondsText));

function media(from: number): { readonly media: VoiceMedia; readonly heard: () => number } {
  let samples = 0;
  const options: VoiceOptions = {
    address: HERE,
    ports: { from, to: from + 9999 },
    codecs: [codec],
    srtp: srtp === "srtp" ? "require" : "off",
    source: process.send ? tone({ frequencies: [1000] }) : silence(),
    sink: {
      write: (pcm) => {
        samples += pcm.length;
      },
    },
  };
  return { media: new VoiceMedia(AUDIO, options), heard: () => samples };
}

/** Answers each offer that comes. */
function farEnd(from: number): void {
  process.on("message", async (offer: string) => {
    process.send?.(await media(from).media.answer(offer));
  });
  process.on("disconnect", () => process.exit());
}

async function measure(count: number, seconds: number): Promise<void> {
  const far = fork(import.meta.filename, process.argv.slice(2), {
    env: { ...process.env, FIRST_PORT: "40000" },
  });
  const calls: ReturnType<typeof media>[] = [];
  for (let n = 0; n < count; n++) {
    const call = media(30_000);
    await call.media.accept(await ask(far, await call.media.offer()));
    calls.push(call);
  }
  await pause(SETTLED_MS);
  const madeUp = (): number =>
    calls.reduce((sum, { media: { statistics } }) => {
      const { concealed = 0, stretched = 0 } = statistics?.received ?? {};
      return sum + concealed + stretched;
    }, 0);
  const before = {
    cpu: process.cpuUsage(),
    madeUp: madeUp(),
    skipped: voiceClock.skipped,
    ms: performance.now(),
  };
  const heardBefore = calls.map(({ heard }) => heard());
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(before.cpu);
  const elapsedMs = performance.now() - before.ms;
  const share = (user + system) / 10 / elapsedMs;
  const least = Math.min(...calls.map(({ heard }, n) => heard() - (heardBefore[n] ?? 0)));
  const expected = (elapsedMs * codec.sampleRate) / 1000;
  console.log(
    `${count} calls with ${codec.name}${srtp === "srtp" ? " and SRTP" : ""}, ${seconds} s`,
  );
  console.log(`CPU       ${share.toFixed(1)} % of a core, ${(share / count).toFixed(3)} % a call`);
  console.log(
    `made up   ${madeUp() - before.madeUp} of ${Math.round((count * elapsedMs) / 20)} packets`,
  );
  console.log(`beats     ${voiceClock.skipped - before.skipped} skipped`);
  console.log(
    `heard     at least ${((100 * least) / expected).toFixed(2)} % of the time in every call`,
  );
  const lost = calls.reduce(
    (sum, { media: { statistics } }) => sum + (statistics?.received.lost ?? 0),
    0,
  );
  console.log(
    `lost      ${lost} packets, memory ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`,
  );
  for (const call of calls) call.media.close();
  far.disconnect();
}

function ask(far: ChildProcess, offer: string): Promise<string> {
  far.send(offer);
  return new Promise((answered) => {
    far.once("message", (answer) => answered(String(answer)));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}
