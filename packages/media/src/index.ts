/** Media for phones in Node: `carillon-media`. */
export type { Codec, Decoder, Encoder } from "./codec.ts";
export { DtlsLink, type DtlsLinkOptions } from "./dtls/dtls-link.ts";
export type { LinkEnd } from "./dtls/link-description.ts";
export { type OpusOptions, opus } from "./opus/opus.ts";
export { OpusDecoder, type OpusDecoderOptions } from "./opus/opus-decoder.ts";
export { OpusEncoder, type OpusEncoderOptions, type OpusSampleRate } from "./opus/opus-encoder.ts";
export { levelDbfs, SILENCE_DBFS } from "./sound/level.ts";
export { toneShare } from "./sound/tone-share.ts";
