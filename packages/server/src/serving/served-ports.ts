/** Where a running server listens. */
import type { AddressInfo } from "node:net";
import type { Ports as StatusPorts } from "../control/status.ts";
import type { SipParts } from "./sip-parts.ts";
import type { WebParts } from "./web-parts.ts";

/** What it does without is undefined. */
export interface ServedPorts {
  readonly port: number;
  /** Undefined where it is not wanted. */
  readonly httpsPort: number | undefined;
  readonly sipPort: number;
  readonly tlsPort: number | undefined;
  /** MSRP over TLS; undefined where it is not to be had. */
  readonly msrpPort: number | undefined;
  /** STUN and TURN over UDP; undefined where this house has none of its own. */
  readonly turnPort: number | undefined;
}

export const servedPorts = (
  { app, secure }: WebParts,
  { sip, msrp, turn }: SipParts,
): ServedPorts => ({
  port: portOf(app),
  httpsPort: secure?.port,
  sipPort: sip.port,
  tlsPort: sip.tlsPort,
  msrpPort: msrp.port,
  turnPort: turn.port,
});

/** Of plain HTTP, once it listens. */
export const portOf = ({ server }: WebParts["app"]): number =>
  (server.address() as AddressInfo).port;

/** As `carillon status` says it. */
export function shownPorts(ports: ServedPorts): StatusPorts {
  const { port, sipPort, tlsPort, httpsPort, msrpPort, turnPort } = ports;
  return {
    ...{ http: port, sip: sipPort, tls: tlsPort },
    ...{ https: httpsPort, msrp: msrpPort, turn: turnPort },
  };
}
