/** How much strangers may take of a listener for streams. */
/** What a listener for TCP or TLS allows, and how long opening a connection takes at most. */
export interface StreamLimits {
  /** Open at a time. Whoever comes later takes the place of the stranger who came first. */
  readonly connections: number;
  /** From one IPv4 address, or from one /64 of IPv6, which is what one customer gets. */
  readonly connectionsPerSource: number;
  /**
   * Octets that may wait for a peer that does not read, which is then cut off; a quarter for one
   * that nobody vouched for.
   */
  readonly waitingBytes: number;
  /** How long opening a connection may take. */
  readonly connectMs: number;
  /** How long the TLS handshake may take after that. */
  readonly handshakeMs: number;
}

/** What holds if nobody says otherwise: 4096 connections, 256 of one source, 256 KiB, 5 s each. */
export const STREAM_LIMITS: StreamLimits = {
  connections: 4096,
  connectionsPerSource: 256,
  waitingBytes: 256 * 1024,
  connectMs: 5000,
  handshakeMs: 5000,
};

/** An IPv4 address as such, also where a socket for both families writes `::ffff:` before it. */
export const plainHost = (host: string): string =>
  host.toLowerCase().startsWith("::ffff:") && host.includes(".") ? host.slice(7) : host;
