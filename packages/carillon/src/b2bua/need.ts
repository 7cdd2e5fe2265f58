/**
 * When a call needs a bridge, and how its two sides have to be treated. A pure function of what is
 * known: it is asked again for each branch.
 */

import type { Octets } from "../grammar/octets.ts";
import type { BridgeAsked } from "../roles/bridge.ts";
import { type Flow, isWebSocket } from "../transport/flow.ts";
import { isIpAddress, isIpv6 } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import {
  connectionAddress,
  type DescriptionKind,
  descriptionKind,
  descriptionManner,
} from "./description-kind.ts";
import type { KnownDevice } from "./device-memory.ts";
import type { SideTransport } from "./media-engine.ts";

/** `auto`: where the two do not understand each other. The others: every call, or none. */
export type BridgeMode = "auto" | "always" | "never";

/** What is known when a branch begins. */
export interface NeedAsked {
  readonly mode: BridgeMode;
  /** What the caller offers; empty where the device has to. */
  readonly offer: string;
  /** The way that the offer came. */
  readonly caller: Flow;
  /** The way to the device, where it is known. */
  readonly device: Flow | undefined;
  /** The device's contact. */
  readonly uri: Octets;
  readonly known: KnownDevice;
  /** The operator's route wants one. */
  readonly isDecided: boolean;
}

/** That it needs one, and why, as a person reads it. */
export interface Need {
  readonly why: string;
}

/**
 * The way to a device, as it began there: one behind an edge came to that as its Contact says, and
 * how the edge comes to us says nothing of it.
 */
export function wayToDevice({ flow, path = [], uri }: BridgeAsked): Flow | undefined {
  if (!flow || path.length === 0) return flow;
  const contact = parseSipUri(uri);
  const named = contact.ok ? contact.value.params.get("transport")?.toLowerCase() : undefined;
  const isWeb = named === "ws" || named === "wss";
  return { ...flow, transport: isWeb ? "WS" : isWebSocket(flow) ? "TCP" : flow.transport };
}

/** Undefined: the two can talk to each other, or nobody knows yet. */
export function bridgeNeed(asked: NeedAsked): Need | undefined {
  const { mode, isDecided } = asked;
  if (isDecided) return { why: "the operator wants it so" };
  if (mode === "never") return undefined;
  if (mode === "always") return { why: "every call goes through this server" };
  return byKinds(asked) ?? byPlaces(asked);
}

/** Whether they speak alike. */
function byKinds({ offer, caller, device, known }: NeedAsked): Need | undefined {
  const offered = kindOf(offer, caller);
  const isPage = isBrowser(device, known);
  // What is in both has something for either.
  if (offered === "both") return known.refuses.has("both") ? NO_KIND : undefined;
  if (offered === undefined) return undefined;
  if (isPage) return offered === "webrtc" ? undefined : TO_PAGE;
  if (known.refuses.has(descriptionManner(offer) ?? offered)) return NO_KIND;
  if (known.speaks.has(offered) || known.speaks.has("both")) return undefined;
  // Whoever calls says all that they can: no browser, or nothing but one.
  const { offers } = known;
  if (offers !== undefined && (offers === "webrtc") !== (offered === "webrtc")) return NO_KIND;
  // An offer that the device makes itself cannot be refused in time: it is known to be a phone.
  if (offer === "" && offered === "webrtc") return FROM_PAGE;
  return undefined;
}

/**
 * Whether packets of one reach the other, where no ICE finds that out: not from IPv4 to IPv6, and
 * not to an address that only a NAT's inside knows. Those behind the same box talk inside of it.
 */
function byPlaces({ offer, caller, device, uri }: NeedAsked): Need | undefined {
  const kind = kindOf(offer, caller);
  if (!device || (kind !== "rtp" && kind !== "srtp")) return undefined;
  if (isIpv6(caller.remote.host) !== isIpv6(device.remote.host)) return FAMILIES;
  if (caller.remote.host === device.remote.host) return undefined;
  if (isInside(connectionAddress(offer), caller)) return CALLER_NAT;
  const contact = parseSipUri(uri);
  return contact.ok && isInside(contact.value.host, device) ? DEVICE_NAT : undefined;
}

/** Whether this is an address of a private network, and what it says comes from elsewhere. */
function isInside(address: string | undefined, { remote }: Flow): boolean {
  if (address === undefined || address === remote.host || isLoopback(remote.host)) return false;
  return isIpAddress(address) && INSIDE.test(address);
}

const isLoopback = (host: string): boolean => host.startsWith("127.") || host === "::1";
/** Private use (RFC 1918), carrier-grade NAT (RFC 6598), unique local and link-local. */
const INSIDE: RegExp = new RegExp(
  [
    ...["^10\\.", "^192\\.168\\.", "^172\\.(?:1[6-9]|2\\d|3[01])\\.", "^169\\.254\\."],
    ...["^100\\.(?:6[4-9]|[7-9]\\d|1[01]\\d|12[0-7])\\.", "^f[cd]", "^fe[89ab]"],
  ].join("|"),
  "i",
);

/**
 * Behind a WebSocket is a browser, unless it has been heard to speak as phones do, or its handshake
 * was none of a browser's.
 */
const isBrowser = (device: Flow | undefined, { speaks, isNoBrowser }: KnownDevice): boolean =>
  device !== undefined &&
  isWebSocket(device) &&
  (speaks.has("webrtc") ||
    !(isNoBrowser || (["rtp", "srtp", "both"] as const).some((kind) => speaks.has(kind))));

/** What the caller speaks: what its offer says, or else what one knows of who calls so. */
function kindOf(offer: string, caller: Flow): DescriptionKind | undefined {
  if (offer !== "") return descriptionKind(offer);
  return isWebSocket(caller) ? "webrtc" : "rtp";
}

/** How the engine has to treat whoever wrote this; or without one, whoever is behind this flow. */
export function transportOf(description: string, flow: Flow | undefined): SideTransport {
  const kind = description === "" ? undefined : descriptionKind(description);
  if (kind === "both") return "any";
  if (kind !== undefined) return kind;
  return flow && isWebSocket(flow) ? "webrtc" : "any";
}

/**
 * How it has to treat a device that is to be offered something: what is tried first, and what next
 * where that is refused.
 */
export function deviceTransports(
  device: Flow | undefined,
  known: KnownDevice,
): readonly SideTransport[] {
  if (isBrowser(device, known)) return ["webrtc"];
  const { speaks } = known;
  const secure = (["webrtc", "srtp"] as const).filter((kind) => speaks.has(kind));
  const isPlain = speaks.has("rtp") || speaks.has("both");
  return [...new Set<SideTransport>([...(isPlain ? [] : secure.reverse()), "any", "srtp"])];
}

/**
 * Whether the address in a description is not where whoever wrote it is: a private address that
 * came from another place, or one that names nothing. What ICE finds is another matter.
 */
export function isBehindNat(description: string, flow: Flow | undefined): boolean {
  const address = description === "" ? undefined : connectionAddress(description);
  return address === undefined || flow === undefined || address !== flow.remote.host;
}

const FAMILIES: Need = { why: "one of them has IPv4 only, and the other IPv6" };
const CALLER_NAT: Need = { why: "the caller's phone is behind a router that hides it" };
const DEVICE_NAT: Need = { why: "the phone that is called is behind a router that hides it" };
const NO_KIND: Need = { why: "the two devices have no kind of voice in common" };
const TO_PAGE: Need = { why: "the caller's phone speaks another kind of voice than a browser" };
const FROM_PAGE: Need = { why: "a browser and a phone speak different kinds of voice" };
