/** What every server for HTTP here grants to those who connect. */

/** Headers (a WebSocket handshake, too) and requests that trickle in slower are hung up on. */
export const SERVER_LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
  keepAliveTimeout: 30_000,
  /** Of all kinds, WebSockets among them; who comes then is turned away by the system. */
  maxConnections: 8192,
} as const;

/** How many connections without a WebSocket there may be, in all and from one source. */
export interface HttpCrowdLimits {
  /** Whoever comes later takes the place of the stranger who came first. */
  readonly connections: number;
  /** From one IPv4 address, or one /64 of IPv6: a school behind one NAT has a few for each page. */
  readonly connectionsPerSource: number;
  /** Of one account: so many are not hung up on for others. */
  readonly keptPerAccount: number;
}

export const HTTP_CROWD: HttpCrowdLimits = {
  connections: 2048,
  connectionsPerSource: 512,
  keptPerAccount: 64,
};
