/** What an Allocate asks for, and whether it may be asked for so. RFC 8656 §7.2. */
import {
  attributeTypes,
  type Family,
  familyOf,
  readNumber,
  type StunError,
  stunErrors,
} from "./stun-attributes.ts";
import { attribute, type StunMessage } from "./stun-message.ts";

/** What is wanted. */
export interface Wanted {
  /** The first one has to be there, another one may fail. */
  readonly families: readonly [Family] | readonly [4, 6];
  /** The port has to be even; `Reserve` wants the next one kept for later. */
  readonly even: "Even" | "Reserve" | undefined;
  /** A port that was kept by an earlier one. */
  readonly token: Uint8Array | undefined;
  /** What was asked for. */
  readonly lifetimeSeconds: number | undefined;
}

const UDP = 17;

/** Reads the request; an error is what to answer. `supports` says which addresses there are. */
export function readAllocate(
  message: StunMessage,
  supports: (family: Family) => boolean,
): Wanted | StunError {
  const { BadRequest, UnsupportedTransport, AddressFamilyNotSupported } = stunErrors;
  const value = (type: number) => attribute(message, type);
  const transport = value(attributeTypes.REQUESTED_TRANSPORT);
  if (transport?.length !== 4) return BadRequest;
  if (transport[0] !== UDP) return UnsupportedTransport;
  const requested = value(attributeTypes.REQUESTED_ADDRESS_FAMILY);
  const additional = value(attributeTypes.ADDITIONAL_ADDRESS_FAMILY);
  const evenPort = value(attributeTypes.EVEN_PORT);
  const token = value(attributeTypes.RESERVATION_TOKEN);
  if (token && (evenPort || requested || additional || token.length !== 8)) return BadRequest;
  if (requested && additional) return BadRequest;
  if (evenPort && evenPort.length !== 1) return BadRequest;
  const reserves = evenPort !== undefined && (evenPort[0]! & 0x80) !== 0;
  if (additional && (reserves || familyOf(additional[0]) !== 6)) return BadRequest;
  //= RFC 8656 §7.2
  //# If the REQUESTED-ADDRESS-FAMILY attribute is absent and the server does not support the IPv4
  //# address family, the server MUST include an ERROR-CODE attribute with the 440 (Address Family
  //# not Supported) response code. If the REQUESTED-ADDRESS-FAMILY attribute is absent and the
  //# server supports the IPv4 address family, the server MUST allocate an IPv4 relayed transport
  //# address for the TURN client.
  const family = requested ? familyOf(requested[0]) : 4;
  //= RFC 8656 §7.2
  //# If the server does not support the address family requested by the client in
  //# REQUESTED-ADDRESS-FAMILY, or if the allocation of the requested address family is disabled by
  //# local policy, it MUST generate an Allocate error response, and it MUST include an ERROR-CODE
  //# attribute with the 440 (Address Family not Supported) response code.
  if (family === undefined || (!token && !supports(family))) return AddressFamilyNotSupported;
  return {
    families: additional ? [4, 6] : [family],
    even: reserves ? "Reserve" : evenPort ? "Even" : undefined,
    token,
    lifetimeSeconds: readNumber(value(attributeTypes.LIFETIME)),
  };
}

/** In seconds. RFC 8656 §3.2, §7.2. */
const DEFAULT_LIFETIME = 600;
const MAX_LIFETIME = 3600;

//= RFC 8656 §7.2
//# If the request contains a LIFETIME attribute, then the server computes the minimum of the
//# client's proposed lifetime and the server's maximum allowed lifetime. If this computed value is
//# greater than the default lifetime, then the server uses the computed lifetime as the initial
//# value of the time-to-expiry field. Otherwise, the server uses the default lifetime.
/** How long an allocation lives that is not refreshed, in seconds. */
export const lifetimeOf = (asked: number | undefined): number =>
  Math.max(DEFAULT_LIFETIME, Math.min(asked ?? 0, MAX_LIFETIME));
