/**
 * A box that translates addresses, in the terms of RFC 4787: how it maps, whom it lets in, and how
 * long it remembers. A pure machine: `outbound` and `inbound` take its state and give the next.
 */
import type { Millis } from "../../grammar/millis.ts";
import { type Address, formatAddress } from "../../uri/host.ts";

/** What a mapping, or a right to come in, is bound to besides the address inside. */
export type Dependence =
  | "endpoint-independent"
  | "address-dependent"
  | "address-and-port-dependent";

/** What a NAT box is like, in the terms of RFC 4787. */
export interface NatParams {
  /** Of its outer side. */
  readonly host: string;
  /** Whether one socket inside has one address outside, or one for each peer ("symmetric"). */
  readonly mapping: Dependence;
  /** Who may send to that address: anybody, or whom it has sent to. */
  readonly filtering: Dependence;
  /** For so long after something went out a mapping is kept. */
  readonly timeoutMs: Millis;
  /** Whether what comes in keeps it, too. RFC 4787 §4.3 leaves it open. */
  readonly inboundRefreshes: boolean;
  /** Mappings at a time; over it the oldest goes. */
  readonly maxMappings: number;
}

/** RFC 4787 REQ-5 wants two minutes at least; many in the field have 30 s and less. */
export const NAT_DEFAULTS: Omit<NatParams, "host"> = Object.freeze({
  mapping: "endpoint-independent",
  filtering: "address-and-port-dependent",
  timeoutMs: 120_000,
  inboundRefreshes: true,
  maxMappings: 1_000,
});

interface Mapping {
  readonly inside: Address;
  /** Of the peer, as far as the mapping depends on it. */
  readonly peer: string;
  readonly port: number;
  readonly expiresAt: Millis;
  /** Whom it has sent to, as far as the filter looks at it. */
  readonly permitted: ReadonlySet<string>;
}

export interface NatState {
  readonly mappings: readonly Mapping[];
  readonly nextPort: number;
}

/** Ports are given out one after the other from here, and never the one inside. */
const FIRST_PORT = 61_001;

export const startNat = (): NatState => ({ mappings: [], nextPort: FIRST_PORT });

/** Something leaves: the address it has outside. RFC 4787 §4.3: this always keeps the mapping. */
export function outbound(
  p: NatParams,
  s: NatState,
  inside: Address,
  to: Address,
  now: Millis,
): readonly [NatState, Address] {
  const peer = bound(p.mapping, to);
  const alive = s.mappings.filter(({ expiresAt }) => now < expiresAt);
  const known = alive.find((one) => one.peer === peer && isSame(one.inside, inside));
  const port = known?.port ?? s.nextPort;
  const permitted = new Set(known?.permitted).add(bound(p.filtering, to));
  const mapping = { inside, peer, port, permitted, expiresAt: now + p.timeoutMs };
  const others = alive.filter((one) => one !== known).slice(1 - p.maxMappings);
  const nextPort = known ? s.nextPort : s.nextPort + 1;
  return [
    { mappings: [...others, mapping], nextPort },
    { host: p.host, port },
  ];
}

/** Something arrives at a port of its outer side: where it goes inside, if anywhere. */
export function inbound(
  p: NatParams,
  s: NatState,
  from: Address,
  port: number,
  now: Millis,
): readonly [NatState, Address | undefined] {
  const known = s.mappings.find((one) => one.port === port && now < one.expiresAt);
  if (!known?.permitted.has(bound(p.filtering, from))) return [s, undefined];
  if (!p.inboundRefreshes) return [s, known.inside];
  const kept = { ...known, expiresAt: now + p.timeoutMs };
  return [{ ...s, mappings: s.mappings.map((one) => (one === known ? kept : one)) }, known.inside];
}

/** It was restarted, or its line was: every mapping is gone, and the next have other ports. */
export const rebound = ({ nextPort }: NatState): NatState => ({ mappings: [], nextPort });

function bound(dependence: Dependence, { host, port }: Address): string {
  if (dependence === "endpoint-independent") return "";
  return dependence === "address-dependent" ? host : formatAddress({ host, port });
}

const isSame = (a: Address, b: Address) => a.host === b.host && a.port === b.port;
