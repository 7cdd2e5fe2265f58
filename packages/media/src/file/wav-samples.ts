/** The samples of a WAV file as PCM of one channel. */
import { fromALaw, fromMuLaw } from "carillon/rtp";
import type { WavFormat } from "./wav-format.ts";

/** Of two channels the mean. `octets` are whole frames. */
export function wavSamples(
  octets: Uint8Array,
  { encoding, channels, frameBytes }: WavFormat,
): Int16Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const read = READERS[encoding];
  const sampleBytes = frameBytes / channels;
  return Int16Array.from({ length: Math.floor(octets.length / frameBytes) }, (_, nth) => {
    const at = nth * frameBytes;
    const first = read(view, at);
    return channels === 1 ? first : Math.round((first + read(view, at + sampleBytes)) / 2);
  });
}

/** From -1 to 1; what is beyond is cut off, and what is no number is nothing. */
const scaled = (sample: number): number =>
  Math.round(Math.max(-1, Math.min(1, Number.isNaN(sample) ? 0 : sample)) * 32_767);

const READERS: Readonly<Record<WavFormat["encoding"], (view: DataView, at: number) => number>> = {
  pcm8: (view, at) => (view.getUint8(at) - 128) << 8,
  pcm16: (view, at) => view.getInt16(at, true),
  pcm24: (view, at) => view.getInt16(at + 1, true),
  float32: (view, at) => scaled(view.getFloat32(at, true)),
  alaw: (view, at) => fromALaw(view.getUint8(at)),
  mulaw: (view, at) => fromMuLaw(view.getUint8(at)),
};
