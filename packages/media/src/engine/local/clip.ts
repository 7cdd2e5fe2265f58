/**
 * A short file of sound, held in memory as it is coded: an announcement, a word. Opus is neither
 * decoded nor encoded for a side that speaks it.
 */
import type { EncodedPacketSink, InputAudioTrack } from "mediabunny";
import { OpusDecoder } from "../../opus/opus-decoder.ts";
import type { OpusSampleRate } from "../../opus/opus-encoder.ts";
import { RateAdapter } from "../../sound/rate-adapter.ts";
import { SampleQueue } from "../../sound/sample-queue.ts";
import { frameOf, type Said, type Utterance, type Wanted } from "./said.ts";

/** What is longer than this is not held in memory. */
export const MAX_CLIP_BYTES: number = 4 * 1024 * 1024;
/** 20 minutes of the usual packets. */
const MAX_PACKETS = 60_000;

/** The packets of a file, in order. */
export class Clip {
  readonly #packets: readonly Uint8Array[];
  /** All of them have 20 ms, so that each may go out as it is. */
  readonly #isEven: boolean;
  /** How long it is, in ms. */
  readonly lengthMs: number;
  /** Bits a second, on average. */
  readonly bitrate: number;

  private constructor(packets: readonly Uint8Array[]) {
    this.#packets = packets;
    const lengths = packets.map(opusMs);
    this.#isEven = lengths.every((ms) => ms === 20);
    this.lengthMs = lengths.reduce((sum, ms) => sum + ms, 0);
    const octets = packets.reduce((sum, { length }) => sum + length, 0);
    this.bitrate = this.lengthMs > 0 ? (octets * 8000) / this.lengthMs : 0;
  }

  /**
   * Reads Opus out of Ogg, WebM or Matroska. Rejects in words for what holds none or is too long,
   * and with what the file system says.
   */
  static async read(path: string): Promise<Clip> {
    const bunny = await import("mediabunny");
    const formats = [bunny.OGG, bunny.WEBM, bunny.MATROSKA];
    using input = new bunny.Input({ formats, source: new bunny.FilePathSource(path) });
    const track: InputAudioTrack | null = await input
      .getPrimaryAudioTrack()
      .catch((cause: unknown) => {
        throw new Error(`${path}: it cannot be read`, { cause });
      });
    if (!track || (await track.getCodec()) !== "opus") {
      throw new Error(`${path}: there is no Opus in it`);
    }
    return new Clip(await packetsOf(new bunny.EncodedPacketSink(track), path));
  }

  /** Says it once. */
  say(): Utterance {
    return new ClipUtterance(this.#packets, this.#isEven);
  }
}

async function packetsOf(sink: EncodedPacketSink, path: string): Promise<readonly Uint8Array[]> {
  const packets: Uint8Array[] = [];
  let octets = 0;
  for await (const { data } of sink.packets()) {
    octets += data.length;
    if (octets > MAX_CLIP_BYTES || packets.length >= MAX_PACKETS) {
      throw new Error(`${path}: it is too long to be held in memory`);
    }
    packets.push(data);
  }
  return packets;
}

class ClipUtterance implements Utterance {
  readonly #packets: readonly Uint8Array[];
  readonly #isEven: boolean;
  readonly #queue = new SampleQueue();
  #decoder: OpusDecoder | undefined;
  #adapter: RateAdapter | undefined;
  #rate = 0;
  #at = 0;
  #isClosed = false;

  constructor(packets: readonly Uint8Array[], isEven: boolean) {
    this.#packets = packets;
    this.#isEven = isEven;
  }

  next({ opus, sampleRate }: Wanted): Said | null {
    if (this.#isClosed) return null;
    if (opus && this.#isEven && this.#queue.length === 0) {
      const payload = this.#packets[this.#at++];
      return payload ? { kind: "Opus", payload } : this.#over();
    }
    const samples = frameOf(sampleRate);
    while (this.#queue.length < samples && this.#at < this.#packets.length) {
      this.#queue.add(this.#decoded(this.#packets[this.#at++] ?? NOTHING, sampleRate));
    }
    if (this.#queue.length === 0) return this.#over();
    return { kind: "Pcm", pcm: this.#queue.take(samples) };
  }

  close(): void {
    this.#over();
  }

  #decoded(packet: Uint8Array, sampleRate: number): Int16Array {
    if (!this.#decoder || this.#rate !== sampleRate) {
      this.#decoder?.close();
      // Samples of another rate are nothing that could go on.
      this.#queue.trim(0);
      const own = isOpusRate(sampleRate) ? sampleRate : 48_000;
      this.#decoder = new OpusDecoder({ sampleRate: own });
      this.#adapter = own === sampleRate ? undefined : new RateAdapter(sampleRate);
      this.#rate = sampleRate;
    }
    const pcm = this.#decoder.decode(packet);
    return this.#adapter?.adapt(pcm, 48_000) ?? pcm;
  }

  #over(): null {
    this.#isClosed = true;
    this.#decoder?.close();
    this.#decoder = undefined;
    return null;
  }
}

const isOpusRate = (rate: number): rate is OpusSampleRate =>
  [8000, 12_000, 16_000, 24_000, 48_000].includes(rate);
const NOTHING = new Uint8Array();

//= RFC 6716 §3.1
//# The remaining two bits of the TOC byte, labeled "c", code the number of frames per packet (codes
//# 0 to 3)
/** How long a packet is, in ms; 0 for what is none. */
export function opusMs(packet: Uint8Array): number {
  const [toc, count] = packet;
  if (toc === undefined) return 0;
  const frames = [1, 2, 2, (count ?? 0) & 0x3f][toc & 3] ?? 0;
  return frames * frameMs(toc >> 3);
}

/** RFC 6716 §3.1, Table 2. */
function frameMs(config: number): number {
  if (config < 12) return [10, 20, 40, 60][config & 3] ?? 0;
  if (config < 16) return [10, 20][config & 1] ?? 0;
  return [2.5, 5, 10, 20][config & 3] ?? 0;
}
