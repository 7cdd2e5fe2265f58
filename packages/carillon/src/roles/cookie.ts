/**
 * The cookie in our Record-Route: the two flows of a dialog, signed for its Call-ID, its caller's
 * tag and the addresses in From and To. A request counts as inside a dialog because its topmost
 * Route carries this, and for no other reason: a To tag proves nothing. It also says where the
 * request goes, so that nothing about a dialog has to be kept.
 *
 * `NODE "!" caller "!" callee "!" mac`, all of it characters that may stand in a user part.
 *
 * From and To are signed because who holds a cookie is not asked for credentials: without them a
 * caller could go on in the name of somebody else. RFC 3261 §12.2.1.1 has both stay as they were.
 */
import { equalText } from "../auth/constant-time.ts";
import type { Ids } from "../endpoint/ids.ts";
import type { Octets } from "../grammar/octets.ts";
import { isPublicAddress } from "../locate/public-address.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Flow, TransportName } from "../transport/flow.ts";
import { parseSipUri, unescapeUri } from "../uri/sip-uri.ts";

export interface Cookie {
  readonly from: "caller" | "callee";
  /** Where the request came from, by the cookie, and where it goes. */
  readonly source: FlowName;
  readonly target: FlowName;
}

/** What of a flow a cookie keeps. */
export interface FlowName {
  readonly transport: TransportName;
  /** 0 over UDP; GONE for a connection that an earlier run of this program had. */
  readonly connection: number;
  readonly host: string;
  readonly port: number;
  /** Which device is there, as `deviceName` has it, where that is known. */
  readonly device?: string;
}

/** What tells the devices of one account apart: a hash of the instance. */
export const deviceName = (ids: Ids, instance: Octets): string =>
  ids.macOf(["device", instance]).slice(0, 8);

/** No connection has this number. */
export const GONE: number = Number.MIN_SAFE_INTEGER;

/**
 * Another domain's side of a dialog: it may speak from anywhere, and is found by name each time.
 * What vouches for it is the cookie alone, which nobody has but those whom the dialog went through.
 */
export const ELSEWHERE = "elsewhere.invalid";

/** In place of a port: that side was met on the public internet, or perhaps nearer. */
const [NEAR, OUTSIDE] = [0, 1];

/** A flow's name for such a side. */
export const elsewhere = (flow: Flow): Flow => ({
  ...flow,
  remote: { host: ELSEWHERE, port: isPublicAddress(flow.remote.host) ? OUTSIDE : NEAR },
  connection: 0,
});

/**
 * Whether the other side is a domain that was met on the public internet. What it says of where it
 * is leads there and nowhere else: its Contact, or the Request-URI of whoever talks to it, could
 * else have this server speak to what only its own network reaches.
 */
export const isOutside = ({ host, port }: FlowName): boolean =>
  host === ELSEWHERE && port === OUTSIDE;

/** Names of the devices of a dialog, where they are known. */
export interface Devices {
  readonly caller?: string | undefined;
  readonly callee?: string | undefined;
}

export class Cookies {
  readonly #ids: Ids;
  readonly #boot: string;
  /** What each of them begins with: most user parts do not, and are not taken apart. */
  readonly #start: string;

  /**
   * `boot` is a few letters or digits made anew at each start: connections are counted from one
   * again, and the third of yesterday must not be taken for the third of today.
   */
  constructor(ids: Ids, boot: string) {
    this.#ids = ids;
    this.#boot = boot;
    this.#start = `${ids.node}!`;
  }

  /** `devices` are names of the devices that are there. */
  make(
    { callId, fromTag, from, to }: Essentials,
    caller: Flow,
    callee: Flow,
    devices: Devices = {},
  ): string {
    const ends = [
      formatName(caller, this.#boot, devices.caller),
      formatName(callee, this.#boot, devices.callee),
    ];
    const flows = ends.join("!");
    return `${this.#start}${flows}!${this.#sign(callId, fromTag, from.uri, to.uri, flows)}`;
  }

  //= RFC 3261 §16.6
  //# Endpoints MUST NOT use a URI obtained from a Record-Route header field outside the dialog in
  //# which it was provided.
  /** Reads the user part of a Route. Undefined unless it is ours and for this dialog. */
  read(user: string, { callId, fromTag, toTag, from, to }: Essentials): Cookie | undefined {
    // Without a To tag it would be the start of another dialog, in a cookie's clothes.
    if (toTag === "" || !user.startsWith(this.#start)) return undefined;
    const callerEnd = user.indexOf("!", this.#start.length);
    const calleeEnd = user.indexOf("!", callerEnd + 1);
    if (callerEnd < 0 || calleeEnd < 0) return undefined;
    const flows = user.slice(this.#start.length, calleeEnd);
    const mac = user.slice(calleeEnd + 1);
    const byCaller = equalText(mac, this.#sign(callId, fromTag, from.uri, to.uri, flows));
    if (!byCaller && !equalText(mac, this.#sign(callId, toTag, to.uri, from.uri, flows)))
      return undefined;
    const one = parseName(user.slice(this.#start.length, callerEnd), this.#boot);
    const other = parseName(user.slice(callerEnd + 1, calleeEnd), this.#boot);
    if (!one || !other) return undefined;
    return byCaller
      ? { from: "caller", source: one, target: other }
      : { from: "callee", source: other, target: one };
  }

  #sign(callId: Octets, tag: Octets, caller: Octets, callee: Octets, flows: string): string {
    return this.#ids.macOf(["route", callId, tag, identity(caller), identity(callee), flows]);
  }
}

/** Whom a URI names; a phone may leave out a port or a parameter when it repeats it. */
function identity(uri: Octets): Octets {
  const parsed = parseSipUri(uri);
  if (!parsed.ok) return uri;
  return `${unescapeUri(parsed.value.user ?? "")}@${parsed.value.host}`;
}

/** Colons and the percent sign of an IPv6 zone may not stand in a user part as they are. */
const formatName = (
  { transport, connection, remote }: Flow,
  boot: string,
  device: string | undefined,
): string => {
  const number = connection === 0 ? "0" : `${connection}.${boot}`;
  const host = remote.host.replaceAll(":", "+").replaceAll("%", "~");
  const named = device === undefined ? "" : `/${device}`;
  return `${transport}/${number}/${host}/${remote.port}${named}`;
};

/** Of a name that is signed, so that it is as `formatName` writes it. */
function parseName(text: string, boot: string): FlowName | undefined {
  const transportEnd = text.indexOf("/");
  const connectionEnd = text.indexOf("/", transportEnd + 1);
  const hostEnd = text.indexOf("/", connectionEnd + 1);
  if (transportEnd < 0 || connectionEnd < 0 || hostEnd < 0) return undefined;
  const portEnd = text.indexOf("/", hostEnd + 1);
  const host = text.slice(connectionEnd + 1, hostEnd);
  return {
    transport: text.slice(0, transportEnd) as TransportName,
    connection: connectionOf(text.slice(transportEnd + 1, connectionEnd), boot),
    host: host.replaceAll("+", ":").replaceAll("~", "%"),
    port: Number(text.slice(hostEnd + 1, portEnd < 0 ? text.length : portEnd)),
    ...(portEnd >= 0 && { device: text.slice(portEnd + 1) }),
  };
}

function connectionOf(text: string, boot: string): number {
  const dot = text.indexOf(".");
  if (dot < 0) return Number(text);
  return text.slice(dot + 1) === boot ? Number(text.slice(0, dot)) : GONE;
}
