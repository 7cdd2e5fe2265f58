/** Carillon on Node: the main door there, and `carillon/node`. */
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
export { nodeSrtpCrypto } from "./srtp-crypto.ts";
export { STREAM_LIMITS, type StreamLimits } from "./stream-limits.ts";
export type { StreamServer } from "./stream-server.ts";
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
