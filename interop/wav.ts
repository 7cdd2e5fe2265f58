/** WAV files of one channel with 16 bits a sample: what these recordings use of the format. */
import { Resampler } from "carillon/rtp";
import { SAMPLE_RATE_HZ } from "./tone.ts";

const HEADER_BYTES = 44;
const PCM = 1;

export function writeWav(samples: Float64Array): Buffer {
  const dataBytes = samples.length * 2;
  const file = Buffer.alloc(HEADER_BYTES + dataBytes);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(PCM, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  file.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(dataBytes, 40);
  for (const [at, sample] of samples.entries()) {
    file.writeInt16LE(Math.round(sample * 0x7fff), HEADER_BYTES + at * 2);
  }
  return file;
}

/** Samples from -1 to 1, at 8 kHz, of the first channel. Throws about any other kind of file. */
export function readWav(file: Buffer): Float64Array {
  const rateHz = file.readUInt32LE(24);
  const channels = file.readUInt16LE(22);
  const isOurs =
    file.toString("latin1", 0, 4) === "RIFF" &&
    (channels === 1 || channels === 2) &&
    RATES_HZ.includes(rateHz) &&
    file.readUInt16LE(34) === 16;
  if (!isOurs) throw new Error("a recording that is not 16 bits at 8, 16 or 48 kHz");
  const data = file.indexOf("data", 12, "latin1") + 4;
  // While it is being recorded the size is 0; then it is what is there.
  const size = file.readUInt32LE(data) || file.length;
  const count = Math.floor(Math.min(size, file.length - data - 4) / (2 * channels));
  const pcm = Int16Array.from({ length: count }, (_, at) =>
    file.readInt16LE(data + 4 + at * 2 * channels),
  );
  const ours = rateHz === SAMPLE_RATE_HZ ? pcm : new Resampler(rateHz, SAMPLE_RATE_HZ).process(pcm);
  return Float64Array.from(ours, (sample) => sample / 0x8000);
}

const RATES_HZ: readonly number[] = [SAMPLE_RATE_HZ, 16_000, 48_000];

/** The right channel of a file with two, as a file of its own. */
export function rightOf(stereo: Buffer): Buffer {
  if (stereo.readUInt16LE(22) !== 2) throw new Error("a recording that has not two channels");
  const start = stereo.indexOf("data", 12, "latin1") + 8;
  const frames = Math.floor((stereo.length - start) / 4);
  const mono = Buffer.alloc(HEADER_BYTES + frames * 2);
  stereo.copy(mono, 0, 0, HEADER_BYTES);
  mono.writeUInt16LE(1, 22);
  mono.write("data", 36, "latin1");
  mono.writeUInt32LE(frames * 2, 40);
  for (let nth = 0; nth < frames; nth++) {
    mono.writeInt16LE(stereo.readInt16LE(start + nth * 4 + 2), HEADER_BYTES + nth * 2);
  }
  return mono;
}
