/** Media for phones in Node: `carillon-media`. */
export { DtlsLink, type DtlsLinkOptions } from "./dtls/dtls-link.ts";
export { DtlsMedia, type DtlsMediaOptions } from "./dtls/dtls-media.ts";
export { DtlsVoice, type DtlsVoiceOptions } from "./dtls/dtls-voice.ts";
export type { LinkEnd } from "./dtls/link-description.ts";
export { type Recorded, Recorder, type RecordingSink } from "./file/recorder.ts";
export { WavError } from "./file/wav-format.ts";
export { WavSink, type WavSinkOptions } from "./file/wav-sink.ts";
export { WavSource, type WavSourceOptions } from "./file/wav-source.ts";
export { type OpusOptions, opus } from "./opus/opus.ts";
export { OpusDecoder, type OpusDecoderOptions } from "./opus/opus-decoder.ts";
export { OpusEncoder, type OpusEncoderOptions, type OpusSampleRate } from "./opus/opus-encoder.ts";
export { levelDbfs, SILENCE_DBFS } from "./sound/level.ts";
export { meteredSink, meteredSource, type OnLevel } from "./sound/meter.ts";
export { toneShare } from "./sound/tone-share.ts";
