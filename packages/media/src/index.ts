/** Media for phones in Node: `carillon-media`. */
export type { Codec, Decoder, Encoder } from "./codec.ts";
export { type OpusOptions, opus } from "./opus/opus.ts";
export { OpusDecoder, type OpusDecoderOptions } from "./opus/opus-decoder.ts";
export { OpusEncoder, type OpusEncoderOptions, type OpusSampleRate } from "./opus/opus-encoder.ts";
