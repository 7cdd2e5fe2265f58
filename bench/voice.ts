// What a call costs a phone in Node: many at once, whose other ends are in a process of their own,
// over real sockets on loopback. CPU is that of one side.
//
//   node bench/voice.ts                    no call, 10, 200 for 60 s, SRTP, G.722, Opus, DTLS
//   node bench/voice.ts 50 10 G722 srtp    50 calls for 10 s with another codec, encrypted
//   node bench/voice.ts 10 10 opus dtls    10 calls for 10 s, over ICE and DTLS-SRTP

import { type ChildProcess, fork } from "node:child_process";
import { VoiceMedia, type VoiceOptions, voiceClock } from "carillon/node";
import { type Codec, g722, pcma, pcmu, silence, tone } from "carillon/rtp";
import { dtlsWay, opus } from "carillon-media";

const HERE = "127.0.0.1";
const AUDIO = { audio: true, video: false };
/** Buffers have filled and compilers have compiled. */
const SETTLED_MS = 5000;
const OPUS = opus();
const CODECS: readonly Codec[] = [pcmu, pcma, g722, OPUS];
const FAR_PORTS = 40_000;
const NEAR_PORTS = 30_000;

interface Row {
  readonly count: number;
  readonly seconds: number;
  readonly codec: Codec;
  readonly isEncrypted: boolean;
  readonly isDtls?: boolean;
}

const ROWS: readonly Row[] = [
  { count: 0, seconds: 10, codec: pcmu, isEncrypted: false },
  { count: 10, seconds: 10, codec: pcmu, isEncrypted: false },
  { count: 200, seconds: 60, codec: pcmu, isEncrypted: false },
  { count: 50, seconds: 10, codec: pcmu, isEncrypted: true },
  { count: 50, seconds: 10, codec: g722, isEncrypted: false },
  { count: 10, seconds: 10, codec: OPUS, isEncrypted: false },
  { count: 10, seconds: 10, codec: OPUS, isEncrypted: true, isDtls: true },
];

const [count, seconds = "10", codecName = "PCMU", srtp = "off"] = process.argv.slice(2);
const codec = CODECS.find(({ name }) => name === codecName) ?? pcmu;
const asked: Row = {
  ...{ count: Number(count), seconds: Number(seconds), codec, isEncrypted: srtp !== "off" },
  isDtls: srtp === "dtls",
};

class Voice {
  readonly media: VoiceMedia;
  heard = 0;

  constructor(
    { codec: own, isEncrypted, isDtls }: Row,
    from: number,
    source: VoiceOptions["source"],
  ) {
    this.media = new VoiceMedia(AUDIO, {
      ...{ address: HERE, ports: { from, to: from + 9999 }, codecs: [own] },
      srtp: isEncrypted ? "require" : "off",
      ...(isDtls && { way: dtlsWay({ address: HERE }) }),
      ...(source && { source }),
      sink: {
        write: (pcm) => {
          this.heard += pcm.length;
        },
      },
    });
  }

  /** Packets that were not there when they were to be heard. */
  get madeUp(): number {
    const { concealed = 0, stretched = 0 } = this.media.statistics?.received ?? {};
    return concealed + stretched;
  }
}

if (process.send) farEnd();
else for (const row of count === undefined ? ROWS : [asked]) await measure(row);

/** Answers each offer that comes. */
function farEnd(): void {
  process.on("message", async (offer: string) => {
    const source = tone({ frequencies: [1000], sampleRate: asked.codec.sampleRate });
    process.send?.(await new Voice(asked, FAR_PORTS, source).media.answer(offer));
  });
  process.on("disconnect", () => process.exit());
}

async function measure(row: Row): Promise<void> {
  const { count: calls, seconds: length, codec: own } = row;
  const args = [calls, length, own.name, wayOf(row)].map(String);
  const far = fork(import.meta.filename, args);
  const voices: Voice[] = [];
  for (let n = 0; n < calls; n++) {
    // Opus would not send silence, and so cost nothing.
    const source =
      own === OPUS
        ? tone({ frequencies: [440, 700], sampleRate: own.sampleRate })
        : silence(Number.POSITIVE_INFINITY, own.sampleRate);
    const voice = new Voice(row, NEAR_PORTS, source);
    await voice.media.accept(await ask(far, await voice.media.offer()));
    voices.push(voice);
  }
  const beat = () => {};
  voiceClock.add(beat);
  await pause(SETTLED_MS);
  report(row, await during(length, voices));
  voiceClock.delete(beat);
  for (const { media } of voices) media.close();
  far.disconnect();
}

async function during(length: number, voices: readonly Voice[]) {
  const madeUp = () => voices.reduce((sum, voice) => sum + voice.madeUp, 0);
  const [cpu, made, skipped] = [process.cpuUsage(), madeUp(), voiceClock.skipped];
  const [heard, startMs] = [voices.map((voice) => voice.heard), performance.now()];
  await pause(length * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const elapsedMs = performance.now() - startMs;
  return {
    ...{ elapsedMs, percent: (user + system) / 10 / elapsedMs, madeUp: madeUp() - made },
    skipped: voiceClock.skipped - skipped,
    leastHeard: Math.min(...voices.map((voice, n) => voice.heard - (heard[n] ?? 0))),
  };
}

function wayOf({ isEncrypted, isDtls }: Row): string {
  if (isDtls) return "dtls";
  return isEncrypted ? "srtp" : "off";
}

function report(row: Row, seen: Awaited<ReturnType<typeof during>>): void {
  const { count: calls, seconds: length, codec: own } = row;
  const ways: Readonly<Record<string, string>> = { off: "", srtp: ", SRTP", dtls: ", DTLS-SRTP" };
  const name =
    calls === 0 ? "no call, the beat alone" : `${calls} calls, ${own.name}${ways[wayOf(row)]}`;
  const cells = [`${seen.percent.toFixed(1)} % of a core`];
  if (calls > 0) {
    const whole = (seen.elapsedMs * own.sampleRate) / 1000;
    cells.push(
      `${(seen.percent / calls).toFixed(2)} % a call`,
      `made up ${seen.madeUp} of ${Math.round((calls * seen.elapsedMs) / 20)} packets`,
      `${seen.skipped} beats skipped`,
      `heard ${((100 * seen.leastHeard) / whole).toFixed(1)} % of the time or more`,
    );
  }
  console.log(`voice    ${name.padEnd(24)} ${cells.join(", ")} (${length} s)`);
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
