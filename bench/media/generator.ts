/**
 * What the phones of all calls send, over one socket for each of the two sides, with many packets a
 * system call: it must cost less than what it measures. Packets are made before the clock starts.
 */
import { nodeSrtpCrypto } from "carillon/node";
import { type Codec, formatRtp, keyOf, pcma, pcmu, SrtpSender, tone } from "carillon/rtp";
import { crypto, parseSdp, readAttribute } from "carillon/sdp";
import { opus } from "carillon-media";
import type { Plan } from "./load.ts";
import { type Batch, SendSocket } from "./send-socket.ts";

const FRAME_MS = 20;
/** Phones do not all speak at once: so many groups follow each other in each 20 ms. */
const SLICES = 10;
const CODECS: Readonly<Record<string, Codec>> = { PCMU: pcmu, PCMA: pcma, opus: opus() };

type Side = Plan["sides"][number];

process.once("message", async (plan: Plan) => {
  const frames = ((plan.warmSeconds + plan.seconds) * 1000) / FRAME_MS;
  const sides = await Promise.all(
    plan.sides.map(async (side) => {
      const socket = await SendSocket.open(side.port);
      return { socket, batch: socket.batch(packetsOf(side, frames)) };
    }),
  );
  await run(plan, sides, frames);
});
process.on("disconnect", () => process.exit());

/** For each call, its packets in order, and where they go. */
function packetsOf({ codec: name, crypto: line, calls }: Side, frames: number) {
  const codec = CODECS[name.split("/")[0] ?? ""] ?? pcmu;
  const payloads = spoken(codec, frames);
  const key = line === undefined ? undefined : keyFrom(line);
  return calls.map(({ port, payloadType }, call) => {
    const sender = key && new SrtpSender({ crypto: nodeSrtpCrypto, ...key });
    const packets = payloads.map((payload, n) => {
      const timestamp = (n * codec.clockRate) / 50;
      const numbers = { sequence: n & 0xffff, timestamp, ssrc: 0x1000 + call };
      const packet = formatRtp({ marker: n === 0, payloadType, ...numbers, payload });
      return sender?.protect(packet) ?? packet;
    });
    return { port, packets };
  });
}

/** Three tones without a pause: what is silent costs less, and who codes it may leave it out. */
function spoken(codec: Codec, frames: number): readonly Uint8Array[] {
  const encoder = codec.encoder("useinbandfec=1");
  const frequencies = [300, 740, 1300];
  const source = tone({ frequencies, amplitude: 0.1, sampleRate: codec.sampleRate });
  const samples = codec.sampleRate / 50;
  return Array.from({ length: frames }, () =>
    encoder.encode(source.read(samples) ?? new Int16Array(samples)),
  );
}

function keyFrom(line: string) {
  const head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
  const text = `${head}m=audio 9 RTP/SAVP 0\r\na=crypto:${line}\r\n`;
  const parsed = parseSdp(text as Parameters<typeof parseSdp>[0]);
  const section = parsed.ok ? parsed.value.media[0] : undefined;
  const read = section && readAttribute(section.lines, crypto);
  return read && keyOf(read);
}

async function run(
  { warmSeconds }: Plan,
  sides: readonly { readonly socket: SendSocket; readonly batch: Batch }[],
  frames: number,
): Promise<void> {
  const count = (which: "sent" | "received"): number =>
    sides.reduce((sum, { socket }) => sum + socket[which], 0);
  const tell = () =>
    process.send?.({ at: performance.now(), sent: count("sent"), received: count("received") });
  const never = new Int32Array(new SharedArrayBuffer(4));
  const start = performance.now();
  for (let step = 0; step < frames * SLICES; step++) {
    const due = start + (step * FRAME_MS) / SLICES;
    for (let left = due - performance.now(); left > 0; left = due - performance.now()) {
      for (const { socket } of sides) socket.drain();
      Atomics.wait(never, 0, 0, Math.min(left, 1));
    }
    const [frame, slice] = [Math.floor(step / SLICES), step % SLICES];
    if (step === (warmSeconds * 1000 * SLICES) / FRAME_MS) tell();
    for (const { socket, batch } of sides) socket.send(batch, frame, slice, SLICES);
    for (const { socket } of sides) socket.drain();
  }
  Atomics.wait(never, 0, 0, 150);
  for (const { socket } of sides) socket.drain();
  tell();
}
