/**
 * Carillon on Node: the main door there, and `carillon/node`.
 *
 * A program that calls and is called needs `Phone` alone: `Phone.open` binds sockets, speaks G.711
 * and G.722 by itself (`voice`), or has the media that it is given, such as `nodeMedia` of
 * `carillon-media`. `userAgentClient` asks single questions. A server of one's own is an endpoint
 * with a role, which `run` puts to work and `udp`, `tcp` and `tls` join to sockets.
 *
 * ```ts
 * import { Phone } from "carillon/node";
 * import { tone } from "carillon/rtp";
 *
 * const local = { host: "127.0.0.1", port: 0 };
 * await using bob = await Phone.open({ aor: "sip:bob@127.0.0.1", local });
 * const voice = { source: () => tone({ frequencies: [440] }) };
 * await using alice = await Phone.open({ aor: "sip:alice@127.0.0.1", local, voice });
 *
 * const calls = bob.calls();
 * const call = alice.call(`sip:bob@127.0.0.1:${bob.addresses[0]?.port}`);
 * const { value: incoming } = await calls.next();
 * await incoming.answer();
 * await call.answered;
 * console.log(call.state.name, call.peer.uri.startsWith("sip:bob@")); // Established true
 * incoming.hangUp();
 * console.log((await call.ended).message); // They hung up.
 * ```
 */
export type { Crypto } from "../auth/crypto.ts";
export { createEndpoint, type Endpoint, type Role } from "../endpoint/endpoint.ts";
export * from "../ua/index.ts";
export type { Address } from "../uri/host.ts";
export { Crowd, type CrowdLimits } from "./crowd.ts";
export { type DiallerOptions, dialler } from "./dialler.ts";
export { type DnsOptions, dns, type Resolve } from "./dns.ts";
export { nodeCrypto } from "./node-crypto.ts";
export { type NodePhoneOptions, Phone, type VoicePhoneOptions } from "./phone.ts";
export {
  type Connection,
  type ConnectionInfo,
  type Dialler,
  type Link,
  type Runner,
  type RunnerOptions,
  run,
  type SendDatagram,
} from "./runner.ts";
export { SERVER_TLS } from "./server-tls.ts";
export { nodeSrtpCrypto } from "./srtp-crypto.ts";
export { STREAM_LIMITS, type StreamLimits } from "./stream-limits.ts";
export { joinMsrp, type StreamMsrp, type StreamMsrpOptions, streamMsrp } from "./stream-msrp.ts";
export type { StreamHost, StreamServer } from "./stream-server.ts";
export { nodeStunCrypto } from "./stun-crypto.ts";
export { tcp } from "./tcp.ts";
export { type TlsCredentials, type TlsServer, tls } from "./tls.ts";
export { type UdpSocket, udp } from "./udp.ts";
export { type NodeClient, type NodeClientOptions, userAgentClient } from "./user-agent-client.ts";
export { type DtmfTiming, VoiceMedia, type VoiceOptions, voice } from "./voice.ts";
export { type Beat, VoiceClock, type VoiceTime, voiceClock } from "./voice-clock.ts";
export type { SrtpPolicy } from "./voice-description.ts";
export { type PortRange, USUAL_PORTS } from "./voice-ports.ts";
export {
  type OpenVoiceWay,
  type UdpWayOptions,
  udpWay,
  type VoiceWay,
  type VoiceWayUser,
} from "./voice-way.ts";
export { webSocketMsrp } from "./web-socket-msrp.ts";
