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

/** Samples from -1 to 1, at 8 kHz. Throws about any other kind of file. */
export function readWav(file: Buffer): Float64Array {
  const rateHz = file.readUInt32LE(24);
  const isOurs =
    file.toString("latin1", 0, 4) === "RIFF" &&
    file.readUInt16LE(22) === 1 &&
    (rateHz === SAMPLE_RATE_HZ || rateHz === 2 * SAMPLE_RATE_HZ) &&
    file.readUInt16LE(34) === 16;
  if (!isOurs) throw new Error("a recording that is not one channel of 16 bits at 8 or 16 kHz");
  const data = file.indexOf("data", 12, "latin1") + 4;
  // While it is being recorded the size is 0; then it is what is there.
  const size = file.readUInt32LE(data) || file.length;
  const count = Math.floor(Math.min(size, file.length - data - 4) / 2);
  const pcm = Int16Array.from({ length: count }, (_, at) => file.readInt16LE(data + 4 + at * 2));
  const ours = rateHz === SAMPLE_RATE_HZ ? pcm : new Resampler(rateHz, SAMPLE_RATE_HZ).process(pcm);
  return Float64Array.from(ours, (sample) => sample / 0x8000);
}
