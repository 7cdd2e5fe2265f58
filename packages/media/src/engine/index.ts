/**
 * The media engine: `carillon-media/engine`. Descriptions go in and come out, packets go through:
 * between a page that speaks ICE, DTLS-SRTP and Opus and a telephone with plain RTP and G.711.
 *
 * `EmbeddedEngine` is the whole of it, in child processes; `carillon/b2bua` says what its verbs do.
 *
 * ```ts
 * import type { Described, MediaAnswer, MediaResult, Side } from "carillon/b2bua";
 * import { Pending } from "carillon/roles";
 * import { EmbeddedEngine } from "carillon-media/engine";
 *
 * const settled = (answer: MediaAnswer<Described>): Promise<MediaResult<Described>> =>
 *   new Promise((resolve, reject) => {
 *     if (answer instanceof Pending) answer.whenSettled(resolve, reject);
 *     else resolve(answer);
 *   });
 *
 * const engine = new EmbeddedEngine({ workers: 1 });
 * const anne: Side = { tag: "a", address: "127.0.0.1", transport: "rtp", isBehindNat: false };
 * const offer = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n`;
 * const sound = "m=audio 4000 RTP/AVP 0\r\n";
 * const page: Side = { ...anne, tag: "b", transport: "webrtc" };
 * const offered = await settled(engine.offer("call-1", anne, page, offer + sound));
 * console.log(offered.ok && offered.value.sdp.includes("UDP/TLS/RTP/SAVPF 0 ")); // true
 * await engine.close();
 * ```
 */
export type { NgNode, NgNodeOptions, NgReply } from "../rtpengine/ng-node.ts";
export type { Member, PooledNode } from "../rtpengine/ng-pool.ts";
export { RtpengineEngine, type RtpengineOptions } from "../rtpengine/rtpengine-engine.ts";
export {
  EmbeddedEngine,
  type EmbeddedEngineOptions,
  type WorkerStatus,
} from "./embedded-engine.ts";
export { RoutedEngine, type RoutedEngineOptions } from "./routed-engine.ts";
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
