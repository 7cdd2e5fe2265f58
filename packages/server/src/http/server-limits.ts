/** What every server for HTTP here grants to those who connect. */

/** Headers (a WebSocket handshake, too) and requests that trickle in slower are hung up on. */
export const SERVER_LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
  keepAliveTimeout: 30_000,
  maxConnections: 4096,
} as const;
