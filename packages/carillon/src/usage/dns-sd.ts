/**
 * A phone as DNS-SD describes it: `Alice._sip._udp.local`, where it is, and how its owner is.
 * RFC 6763, over multicast DNS (RFC 6762). How records are put into packets is a driver's business.
 */

/** The service type whose PTR records name the phones on a link. RFC 6763 §4.1. */
export const SIP_SERVICE = "_sip._udp.local";

/** A record of DNS-SD, told apart by `type`. Names are text with dots, TTLs are seconds. */
export type DnsSdRecord =
  | { readonly type: "PTR"; readonly name: string; readonly target: string; readonly ttl: number }
  | {
      readonly type: "SRV";
      readonly name: string;
      readonly target: string;
      readonly port: number;
      readonly ttl: number;
    }
  /** `user=alice`, `status=online`: RFC 6763 §6. */
  | {
      readonly type: "TXT";
      readonly name: string;
      readonly texts: readonly string[];
      readonly ttl: number;
    }
  | {
      readonly type: "A" | "AAAA";
      readonly name: string;
      readonly address: string;
      readonly ttl: number;
    };

/** What a phone tells its neighbours of itself. */
export interface Presence {
  /** For people, and unique on the link: `Alice`. */
  readonly name: string;
  /** The user part at which it is called. */
  readonly user: string;
  /** `online`, `busy`, `away`, or whatever its owner says. */
  readonly status: string;
  /** This machine on the link: `a-1f3c.local`. */
  readonly host: string;
  /** Where it listens for SIP over UDP. */
  readonly port: number;
  /** IP addresses without brackets, IPv4 and IPv6. */
  readonly addresses: readonly string[];
}

/**
 * RFC 6762 §10 has two minutes for what has a host in it, and 75 for the rest: of a phone that is
 * switched off nothing should be told for so long.
 */
const TTL_SECONDS = 180;

/** A label of the DNS has 63 octets; a TXT string 255. RFC 6763 §4.1.1, §6.1. */
const MAX_LABEL = 63;
const MAX_TEXT = 255;

/** `Alice._sip._udp.local`; a dot in a name becomes a space. RFC 6763 §4.1.1: 63 characters. */
export const instanceName = (name: string): string =>
  `${name.replaceAll(".", " ").slice(0, MAX_LABEL)}.${SIP_SERVICE}`;

/**
 * The records of a phone: PTR, SRV, TXT and its addresses. As its last word all of them are worth
 * nothing any more (TTL 0). RFC 6763, RFC 6762 §10.1.
 */
export function recordsOf(one: Presence, isGoodbye = false): readonly DnsSdRecord[] {
  const ttl = isGoodbye ? 0 : TTL_SECONDS;
  const name = instanceName(one.name);
  const { host, port } = one;
  const texts = ["txtvers=1", `user=${one.user}`, `status=${one.status}`];
  return [
    { type: "PTR", name: SIP_SERVICE, target: name, ttl },
    { type: "SRV", name, target: host, port, ttl },
    { type: "TXT", name, texts: texts.map((text) => text.slice(0, MAX_TEXT)), ttl },
    ...one.addresses.map((address): DnsSdRecord => {
      const type = address.includes(":") ? "AAAA" : "A";
      return { type, name: host, address, ttl };
    }),
  ];
}

/** Somebody on the link. */
export interface Neighbour {
  /** As others see it: `Bob`. */
  readonly name: string;
  /** The user part of its URI; its name in small letters where it told none. */
  readonly user: string;
  /** What its TXT record says; "online" where it says nothing. */
  readonly status: string;
  /** Where it is called: `sip:bob@192.0.2.7:5060`. */
  readonly uri: string;
}
