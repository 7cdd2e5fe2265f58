/**
 * Media for phones in Node: `carillon-media`.
 *
 * `nodeMedia` is all of it for `Phone.open`: Opus beside G.711 and G.722, files that are played and
 * recorded, microphone and loudspeaker by programs that the system has, and sound over plain RTP,
 * SDES-SRTP, or DTLS-SRTP with ICE (`security`). The rest are its parts, each of use by itself.
 *
 * ```ts
 * import { Phone } from "carillon/node";
 * import { nodeMedia, opus, toneShare } from "carillon-media";
 * import { tone } from "carillon/rtp";
 *
 * const codec = opus({ bitrate: 24_000 });
 * const [encoder, decoder] = [codec.encoder(), codec.decoder()];
 * const source = tone({ frequencies: [1000], sampleRate: codec.sampleRate });
 * let pcm = new Int16Array();
 * for (let n = 0; n < 10; n++) {
 *   pcm = Int16Array.from(decoder.decode(encoder.encode(source.read(960) ?? new Int16Array())));
 * }
 * console.log(codec.name, codec.sampleRate, toneShare(pcm, 48_000, 1000) > 0.9); // opus 48000 true
 *
 * const media = nodeMedia({ address: "127.0.0.1", security: "dtls", codecs: [codec, "PCMU"] });
 * const local = { host: "127.0.0.1", port: 0 };
 * await using phone = await Phone.open({ aor: "sip:alice@127.0.0.1", local, media });
 * console.log(phone.state.name); // Listening
 * ```
 */
export { CallSound, type SoundOptions } from "./call/call-sound.ts";
export { chosenWay, type MediaSecurity, type WayOptions } from "./call/chosen-way.ts";
export { type CodecName, type NodeMediaOptions, NodeVoice, nodeMedia } from "./call/node-media.ts";
export { Loudspeaker } from "./device/loudspeaker.ts";
export { Microphone } from "./device/microphone.ts";
export type { SoundDeviceOptions } from "./device/sound-process.ts";
export { DtlsLink, type DtlsLinkOptions } from "./dtls/dtls-link.ts";
export { DtlsMedia, type DtlsMediaOptions } from "./dtls/dtls-media.ts";
export { dtlsWay } from "./dtls/dtls-way.ts";
export { LinkChannel } from "./dtls/link-channel.ts";
export type { LinkEnd } from "./dtls/link-description.ts";
export { CLOCK_WORDS } from "./engine/local/clock-phrase.ts";
export { type FilePlayer, openPlayer } from "./file/open-player.ts";
export { openRecording, type RecordingOptions } from "./file/open-recording.ts";
export { OpusFileSink, type OpusFileSinkOptions } from "./file/opus-file-sink.ts";
export { OpusFileSource, type OpusFileSourceOptions } from "./file/opus-file-source.ts";
export { type Recorded, Recorder, type RecordingSink } from "./file/recorder.ts";
export { WavError } from "./file/wav-format.ts";
export { WavSink, type WavSinkOptions } from "./file/wav-sink.ts";
export { WavSource, type WavSourceOptions } from "./file/wav-source.ts";
export { type OpusOptions, opus } from "./opus/opus.ts";
export { OpusDecoder, type OpusDecoderOptions } from "./opus/opus-decoder.ts";
export { OpusEncoder, type OpusEncoderOptions, type OpusSampleRate } from "./opus/opus-encoder.ts";
export { ANNOUNCEMENTS, PROMPTS, promptPath } from "./prompts/prompts.ts";
export { levelDbfs, SILENCE_DBFS } from "./sound/level.ts";
export { meteredSink, meteredSource, type OnLevel } from "./sound/meter.ts";
export { toneShare } from "./sound/tone-share.ts";
