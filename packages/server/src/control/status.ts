/** What a running server says of itself. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Endpoint, OverloadCensus } from "carillon/endpoint";
import type { OutgoingCensus } from "carillon/roles";
import type { TurnCensus } from "carillon/turn";
import type { BridgeStatus } from "../bridge/house-bridge.ts";
import type { CertificateStatus } from "../certificates/certificate-status.ts";
import { PRODUCT } from "../product.ts";
import type { ProtectionStatus } from "../protection/house-shield.ts";
import { LoopDelay, type OwnDelay } from "./loop-delay.ts";

/** Where the server listens; what it does without is undefined. */
export interface Ports {
  readonly http: number;
  /** UDP and TCP. */
  readonly sip: number;
  readonly tls?: number | undefined;
  readonly https?: number | undefined;
  readonly msrp?: number | undefined;
  readonly turn?: number | undefined;
}

export interface Status {
  readonly product: string;
  readonly domain: string;
  readonly ports: Ports;
  readonly upSeconds: number;
  readonly people: { readonly known: number; readonly online: number };
  readonly transactions: { readonly servers: number; readonly clients: number };
  readonly connections: number;
  /** Calls that go through here because their two phones do not understand each other. */
  readonly bridge: BridgeStatus;
  /** Calls that people make to elsewhere, and who is at a limit of theirs. */
  readonly outgoing: OutgoingCensus;
  /** Of the TURN server of the house; absent where there is none. */
  readonly relays?: TurnCensus;
  /** Who is kept at bay, and how often that was needed since the start. */
  readonly protection: ProtectionStatus;
  /** What is shown over TLS. */
  readonly certificate: CertificateStatus;
  /** Who was turned away because there was too much to do; absent where nobody ever is. */
  readonly overload?: OverloadCensus;
  readonly memoryMb: number;
  /** How late the loop was since it was last asked, in milliseconds. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** The part of it in which it computed itself, and did not wait for the processor. */
  readonly ownDelayMs: OwnDelay;
}

export interface StatusParts {
  readonly endpoint: Endpoint;
  readonly domain: string;
  ports(): Ports;
  people(): readonly { readonly online: boolean }[];
  readonly bridge: { status(): BridgeStatus };
  readonly outgoing: () => OutgoingCensus;
  relays(): TurnCensus | undefined;
  protection(): ProtectionStatus;
  readonly certificates: { status(): CertificateStatus };
  readonly overload?: { census(): OverloadCensus | undefined };
}

export function statusOf(parts: StatusParts): { status(): Status; close(): void } {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const own = new LoopDelay();
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e4) / 100;
  return {
    status() {
      const people = parts.people();
      const { servers, clients, connections } = parts.endpoint.census();
      const relays = parts.relays();
      const overload = parts.overload?.census();
      const status: Status = {
        product: PRODUCT,
        domain: parts.domain,
        ports: parts.ports(),
        upSeconds: Math.round(process.uptime()),
        people: { known: people.length, online: people.filter(({ online }) => online).length },
        transactions: { servers, clients },
        connections,
        bridge: parts.bridge.status(),
        outgoing: parts.outgoing(),
        ...(relays && { relays }),
        protection: parts.protection(),
        certificate: parts.certificates.status(),
        ...(overload && { overload }),
        memoryMb: Math.round(process.memoryUsage.rss() / 1e6),
        delayMs: {
          p50: ms(delay.percentile(50)),
          p99: ms(delay.percentile(99)),
          max: ms(delay.max),
        },
        ownDelayMs: own.take(),
      };
      delay.reset();
      return status;
    },
    close() {
      delay.disable();
      own.close();
    },
  };
}
