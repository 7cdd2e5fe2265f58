/**
 * Sound in packets: `carillon/rtp`. RFC 3550, RFC 3551, RFC 3711, RFC 4733. Pure, as everything
 * below the worlds: octets, samples and the time go in, octets and samples come out.
 *
 * Sound is mono PCM of 16 bits, an `Int16Array` at a rate in Hz, in frames of 20 ms (`FRAME_MS`).
 * `VoiceStream` is a whole call, and `VoiceMedia` of `carillon/node` puts sockets and SRTP around
 * it; what it is made of has names of its own: codecs, `Player` with its `JitterBuffer`,
 * `RtpSender`, `ReceivedSource`, `EventSender`. `Source` and `Sink` are what plays and what hears.
 * `now` is any monotonic clock in ms; timestamps count in units of the codec's clock.
 *
 * ```ts
 * import { describedCodecs, g722, pcmu, tone, VoiceStream } from "carillon/rtp";
 *
 * const random = () => Math.trunc(Math.random() * 2 ** 32);
 * const end = () => new VoiceStream({ random, cname: "example", epochMs: Date.now() });
 * const [alice, bob] = [end(), end()];
 * const voice = { payloadType: 9, codec: g722 };
 * alice.agree({ send: voice, receive: [], events: undefined });
 * bob.agree({ send: undefined, receive: [voice], events: undefined });
 *
 * const source = tone({ frequencies: [440], sampleRate: 16_000 });
 * let loudest = 0;
 * for (let now = 0; now < 1000; now += 20) {
 *   for (const packet of alice.send(source.read(320) ?? undefined)) bob.receive(packet, now);
 *   loudest = Math.max(loudest, ...(bob.play(now)?.pcm ?? []));
 * }
 * const { codec, received } = bob.statistics();
 * console.log(codec, received.packets, received.lost); // G722 50 0
 * console.log(loudest > 8000); // true
 * const offered = describedCodecs([g722, pcmu]).map(({ encoding }) => encoding);
 * console.log(offered.join()); // G722,PCMU,telephone-event
 * ```
 */
export { describedCodecs, voiceAgreement } from "./agreement.ts";
export type { Codec, Decoder, Encoder } from "./codec.ts";
export {
  ComfortNoise,
  noiseLevelOf,
  readNoiseLevel,
  writeNoiseLevel,
} from "./comfort-noise.ts";
export { Concealer } from "./concealer.ts";
export { DTMF_FREQUENCIES, DtmfDetector, type HeardKey } from "./dtmf-detector.ts";
export { fromALaw, fromMuLaw, pcma, pcmu, toALaw, toMuLaw } from "./g711.ts";
export { g722 } from "./g722.ts";
export {
  type ExtensionElement,
  formatExtensionElements,
  keepExtensionElements,
  readExtensionElements,
} from "./header-extension.ts";
export {
  type BufferedPacket,
  JitterBuffer,
  type JitterBufferCounts,
  type JitterBufferOptions,
  type Put,
  type Taken,
} from "./jitter-buffer.ts";
export { Mixer, type Seat } from "./mixer.ts";
export { type LineQuality, mosOf, mosOfRating, ratingOf } from "./mos.ts";
export {
  formatRtp,
  type HeaderExtension,
  isRtcp,
  parseRtp,
  payloadEnd,
  payloadStart,
  type RtpPacket,
} from "./packet.ts";
export type { Sink, Source } from "./pcm.ts";
export { FRAME_MS, type PayloadCodec, Player } from "./player.ts";
export { ReceivedSource } from "./received-source.ts";
export {
  type Reception,
  type RemoteView,
  type ReportContext,
  type ReportedStream,
  Reports,
  type ReportsOptions,
} from "./reports.ts";
export { Resampler, resampled } from "./resampler.ts";
export {
  formatRtcp,
  type Goodbye,
  parseRtcp,
  type ReceiverReport,
  type ReportBlock,
  type RtcpPacket,
  SDES_CNAME,
  type SdesItem,
  type SenderReport,
  type SourceDescription,
} from "./rtcp.ts";
export type {
  BandwidthEstimate,
  Feedback,
  FullIntraRequest,
  Nack,
  PictureLoss,
} from "./rtcp-feedback.ts";
export {
  deterministicIntervalMs,
  intervalMs,
  meanOctetsWith,
  type SessionSize,
} from "./rtcp-interval.ts";
export { type Random32, RtpSender, type Sending } from "./rtp-sender.ts";
export {
  type AgreedKey,
  keyOf,
  ownCrypto,
  USUAL_SUITES,
} from "./sdes.ts";
export { shortened } from "./shorten.ts";
export { type Arrival, type ExpectedSource, SourceLock } from "./source-lock.ts";
export { samplesOf, silence, type ToneOptions, tone } from "./sources.ts";
export { type SrtpParams, SrtpReceiver, SrtpSender } from "./srtp.ts";
export type { SrtpCrypto } from "./srtp-crypto.ts";
export { SRTP_SUITE_LIST, type SrtpSuite } from "./srtp-keys.ts";
export { type SrtpPair, srtpPair } from "./srtp-pair.ts";
export { type PassedPacket, SteadyStream } from "./steady-stream.ts";
export {
  type DtmfTone,
  type EventPacket,
  EventReceiver,
  EventSender,
  type EventTick,
  eventOf,
  parseTones,
  type ReceivedEvent,
  readTelephoneEvents,
  type TelephoneEvent,
  toneOf,
  writeTelephoneEvent,
} from "./telephone-event.ts";
export {
  type EventAgreement,
  type VoiceAgreement,
  type VoiceStatistics,
  VoiceStream,
  type VoiceStreamOptions,
} from "./voice-stream.ts";
