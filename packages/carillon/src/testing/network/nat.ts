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

/**
 * Which port a mapping gets. `in-turn`: the next free one, never the one inside. `preserving`: the
 * one inside, where nobody else has it. `overloading`: the one inside, whoever has it, which RFC
 * 4787 REQ-3 forbids and some do all the same: what comes in goes to whom its sender knows.
 */
export type PortRule = "in-turn" | "preserving" | "overloading";

/** What a NAT box is like, in the terms of RFC 4787. */
export interface NatParams {
  /** Of its outer side. */
  readonly host: string;
  /** Whether one socket inside has one address outside, or one for each peer ("symmetric"). */
  readonly mapping: Dependence;
  /** Who may send to that address: anybody, or whom it has sent to. */
  readonly filtering: Dependence;
  /** RFC 4787 §4.2. */
  readonly ports: PortRule;
  /** Whether two behind it reach each other by their addresses outside. RFC 4787 §6. */
  readonly hairpinning: boolean;
  /** For so long a mapping is kept after it was made, or refreshed. */
  readonly timeoutMs: Millis;
  /** Whether what goes out keeps it; a box that does not breaks RFC 4787 REQ-6. */
  readonly outboundRefreshes: boolean;
  /** Whether what comes in keeps it, too. RFC 4787 §4.3 leaves it open. */
  readonly inboundRefreshes: boolean;
  /** Mappings at a time; over it the oldest goes. */
  readonly maxMappings: number;
}

/** RFC 4787 REQ-5 wants two minutes at least; many in the field have 30 s and less. */
export const NAT_DEFAULTS: Omit<NatParams, "host"> = Object.freeze({
  mapping: "endpoint-independent",
  filtering: "address-and-port-dependent",
  ports: "in-turn",
  hairpinning: true,
  timeoutMs: 120_000,
  outboundRefreshes: true,
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

/** Where ports are given out one after the other, they are from here on. */
const FIRST_PORT = 61_001;

export const startNat = (): NatState => ({ mappings: [], nextPort: FIRST_PORT });

/** Something leaves: the address it has outside. RFC 4787 §4. */
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
  const [port, nextPort] = known ? [known.port, s.nextPort] : portFor(p, s, alive, inside);
  const permitted = new Set(known?.permitted).add(bound(p.filtering, to));
  const isKept = known && !p.outboundRefreshes;
  const expiresAt = isKept ? known.expiresAt : now + p.timeoutMs;
  const mapping = { inside, peer, port, permitted, expiresAt };
  const others = alive.filter((one) => one !== known).slice(1 - p.maxMappings);
  return [
    { mappings: [...others, mapping], nextPort },
    { host: p.host, port },
  ];
}

function portFor(
  { ports }: NatParams,
  { nextPort }: NatState,
  alive: readonly Mapping[],
  { port }: Address,
): readonly [port: number, nextPort: number] {
  const isFree = alive.every((one) => one.port !== port);
  const isOwn = ports === "overloading" || (ports === "preserving" && isFree);
  return isOwn ? [port, nextPort] : [nextPort, nextPort + 1];
}

/** Something arrives at a port of its outer side: where it goes inside, if anywhere. */
export function inbound(
  p: NatParams,
  s: NatState,
  from: Address,
  port: number,
  now: Millis,
): readonly [NatState, Address | undefined] {
  if (!p.hairpinning && from.host === p.host) return [s, undefined];
  const sender = bound(p.filtering, from);
  // Where several have one port, whoever spoke last.
  const known = s.mappings.findLast(
    (one) => one.port === port && now < one.expiresAt && one.permitted.has(sender),
  );
  if (!known) return [s, undefined];
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
