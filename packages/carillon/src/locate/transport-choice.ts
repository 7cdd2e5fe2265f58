/** UDP or something that controls congestion: the 1300-byte rule. RFC 3261 §18.1.1. */
import type { TransportName } from "../transport/flow.ts";
import type { Target } from "./target.ts";

/** How large a request is, and what its way lets through. RFC 3261 §18.1.1. */
export interface RequestSize {
  /** Of the whole request, its top Via in it. */
  readonly bytes: number;
  /** Undefined when nobody measured it. */
  readonly pathMtuBytes?: number;
}

/** Over this and with an unknown MTU, UDP is not for it. */
const MAX_BYTES_BLINDLY = 1_300;
/** What a response may be larger than its request. */
const ROOM_FOR_RESPONSE_BYTES = 200;
/** What fits into one datagram of 65,535 bytes, less the headers of IPv6 and UDP. */
const MAX_DATAGRAM_BYTES = 65_535 - 48;

//= RFC 3261 §18.1.1
//# If a request is within 200 bytes of the path MTU, or if it is larger than 1300 bytes and the
//# path MTU is unknown, the request MUST be sent using an RFC 2914 [43] congestion controlled
//# transport protocol, such as TCP.
//= RFC 3261 §18
//# It has arisen out of the need to handle larger messages, which MUST use TCP, as discussed below.
/**
 * Whether a request has to go over a transport that controls congestion: more than 1300 bytes, or
 * within 200 of the path MTU where that is known. RFC 3261 §18.1.1.
 */
export function isTooLargeForUdp({ bytes, pathMtuBytes }: RequestSize): boolean {
  if (pathMtuBytes === undefined) return bytes > MAX_BYTES_BLINDLY;
  return bytes + ROOM_FOR_RESPONSE_BYTES >= pathMtuBytes;
}

/**
 * The targets as a request of this size may use them: TCP in the place of UDP when it is too
 * large, and UDP after all where TCP is refused. The top Via has to name the transport of the
 * target that is tried; the length of the name is the same.
 */
export function targetsForSize(
  targets: readonly Target[],
  size: RequestSize,
  transports: readonly TransportName[],
): readonly Target[] {
  if (!isTooLargeForUdp(size) || !transports.includes("TCP")) return targets;
  return targets.map((target): Target => {
    if (target.transport !== "UDP") return target;
    const overTcp: Target = { ...target, transport: "TCP" };
    //= RFC 3261 §18.1.1
    //# If an element sends a request over TCP because of these message size constraints, and that
    //# request would have otherwise been sent over UDP, if the attempt to establish the connection
    //# generates either an ICMP Protocol Not Supported, or results in a TCP reset, the element
    //# SHOULD retry the request, using UDP.
    return size.bytes > MAX_DATAGRAM_BYTES ? overTcp : { ...overTcp, ifRefused: target };
  });
}
