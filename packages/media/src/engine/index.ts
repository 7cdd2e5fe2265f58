/**
 * The media engine: `carillon-media/engine`. Descriptions go in and come out, packets go through:
 * between a page that speaks ICE, DTLS-SRTP and Opus and a telephone with plain RTP and G.711.
 */
export type {
  Agreement,
  Instant,
  LocalPart,
  LocalSink,
  LocalSource,
  LocalWish,
  OpenPathEnd,
  OpenTransport,
  PathEnd,
  PathEndOptions,
  PathStatistics,
  PressedKey,
  Provided,
  StreamAgreement,
  StreamPart,
  StreamWish,
  Transport,
  TransportOptions,
  TransportStatistics,
} from "./transport.ts";
