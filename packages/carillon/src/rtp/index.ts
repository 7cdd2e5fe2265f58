/**
 * Sound in packets: `carillon/rtp`. Pure, as everything below the worlds: octets, samples and the
 * time go in, octets and samples come out.
 */
export { describedCodecs, voiceAgreement } from "./agreement.ts";
export type { Codec, Decoder, Encoder } from "./codec.ts";
export { Concealer } from "./concealer.ts";
export { fromALaw, fromMuLaw, pcma, pcmu, toALaw, toMuLaw } from "./g711.ts";
export { g722 } from "./g722.ts";
export {
  type ExtensionElement,
  formatExtensionElements,
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
export { formatRtp, type HeaderExtension, isRtcp, parseRtp, type RtpPacket } from "./packet.ts";
export type { Sink, Source } from "./pcm.ts";
export { FRAME_MS, type PayloadCodec, Player } from "./player.ts";
export { ReceivedSource } from "./received-source.ts";
export type { Reception, RemoteView } from "./reports.ts";
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
export type { Feedback, FullIntraRequest, Nack, PictureLoss } from "./rtcp-feedback.ts";
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
export { samplesOf, silence, type ToneOptions, tone } from "./sources.ts";
export { type SrtpParams, SrtpReceiver, SrtpSender } from "./srtp.ts";
export type { SrtpCrypto } from "./srtp-crypto.ts";
export { SRTP_SUITE_LIST, type SrtpSuite } from "./srtp-keys.ts";
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
