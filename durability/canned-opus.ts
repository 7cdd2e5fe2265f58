/** Opus that costs the machine nothing to say: a second of a tone, encoded once, over and over. */

import { type Codec, tone } from "carillon/rtp";
import { opus } from "carillon-media";

const SAMPLE_RATE_HZ = 8000;
const [FRAME, FRAMES] = [SAMPLE_RATE_HZ / 50, 50] as const;
/** Until the encoder has settled. */
const WARM = 10;

/** Decoding is as usual. */
export async function cannedOpus(toneHz: number): Promise<Codec> {
  const whole = opus({ sampleRate: SAMPLE_RATE_HZ, dtx: false, signal: "music" });
  const source = tone({ frequencies: [toneHz], amplitude: 0.5, sampleRate: SAMPLE_RATE_HZ });
  const encoder = whole.encoder();
  const frames = Array.from({ length: WARM + FRAMES }, () =>
    encoder.encode(source.read(FRAME) ?? new Int16Array(FRAME)),
  ).slice(WARM);
  encoder.close?.();
  return {
    ...whole,
    encoder: () => {
      let nth = 0;
      return { encode: () => (frames[nth++ % FRAMES] ?? new Uint8Array()).slice() };
    },
  };
}
