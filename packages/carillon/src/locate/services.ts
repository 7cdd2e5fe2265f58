/**
 * Which services a domain offers for SIP: NAPTR records sifted and sorted, or the SRV names to try
 * where there are none. RFC 3263 §4.1, with the services of RFC 7118 §5.5.
 */
import type { TransportName } from "../transport/flow.ts";
import type { NaptrRecord } from "./naming.ts";
import { isSecure } from "./target.ts";

/** A transport, and the name of its SRV records. */
export interface Service {
  readonly transport: TransportName;
  readonly name: string;
}

/** The most services whose SRV records are asked for. */
export const MAX_SERVICES = 5;

/** SCTP (D2S) is not spoken here, and TLS over UDP (SIPS+D2U) does not exist. */
const BY_FIELD: ReadonlyMap<string, TransportName> = new Map([
  ["SIP+D2U", "UDP"],
  ["SIP+D2T", "TCP"],
  ["SIPS+D2T", "TLS"],
  ["SIP+D2W", "WS"],
  ["SIPS+D2W", "WSS"],
]);

/**
 * What NAPTR records offer that we can use: those of the lowest order, the most preferred first.
 *
 * RFC 2915 lets a client go on to another preference and never to another order, so that a domain
 * that puts TLS first cannot be talked down to UDP by making its TLS servers unreachable.
 */
export function servicesOffered(
  records: readonly NaptrRecord[],
  transports: readonly TransportName[],
  secure: boolean,
): readonly Service[] {
  const usable = records.flatMap((record) => {
    const transport = transportOf(record);
    if (transport === undefined || record.replacement === "") return [];
    //= RFC 3263 §4.1
    //# First, a client resolving a SIPS URI MUST discard any services that do not contain "SIPS" as
    //# the protocol in the service field.
    if (secure && !isSecure(transport)) return [];
    //= RFC 3263 §4.1
    //# Second, a client MUST discard any service fields that identify a resolution service whose
    //# value is not "D2X", for values of X that indicate transport protocols supported by the
    //# client.
    if (!transports.includes(transport)) return [];
    return [{ record, transport }];
  });
  const order = usable.reduce((least, { record }) => Math.min(least, record.order), 65_536);
  const services = usable
    .filter(({ record }) => record.order === order)
    .sort((a, b) => a.record.preference - b.record.preference || inFixedOrder(a.record, b.record))
    .map(({ record, transport }): Service => ({ transport, name: record.replacement }));
  return eachOnce(services).slice(0, MAX_SERVICES);
}

/** The SRV names to try where no NAPTR record helps: one for each of our transports. */
export function servicesGuessed(
  host: string,
  transports: readonly TransportName[],
  secure: boolean,
): readonly Service[] {
  const possible = transports.filter((transport) => !secure || isSecure(transport));
  return possible.slice(0, MAX_SERVICES).map((transport) => serviceOf(transport, host));
}

/** `_sip._udp.example.com`. For WebSocket no RFC gives one; `_ws` is what zones have. */
export function serviceOf(transport: TransportName, host: string): Service {
  //= RFC 3263 §4.1
  //# Queries are done using the service identifier "_sip" for SIP URIs and "_sips" for SIPS URIs.
  const service = isSecure(transport) ? "_sips" : "_sip";
  return { transport, name: `${service}._${PROTOCOLS[transport]}.${host}` };
}

const PROTOCOLS = { UDP: "udp", TCP: "tcp", TLS: "tcp", WS: "ws", WSS: "ws" } as const;

/** RFC 3263 §4.1: "s", a service of the table, and an empty regular expression. */
function transportOf({ flags, service, regexp }: NaptrRecord): TransportName | undefined {
  if (flags.toLowerCase() !== "s" || regexp !== "") return undefined;
  return BY_FIELD.get(service.toUpperCase());
}

/** Records of one preference have no order of their own: they get one. RFC 3263 §4.4. */
const inFixedOrder = (a: NaptrRecord, b: NaptrRecord): number =>
  compare(a.service.toUpperCase(), b.service.toUpperCase()) ||
  compare(a.replacement, b.replacement);

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function eachOnce(services: readonly Service[]): readonly Service[] {
  const seen = new Set<string>();
  return services.filter(({ transport, name }) => {
    const key = `${transport} ${name}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
