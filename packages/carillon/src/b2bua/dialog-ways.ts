/**
 * By which ways a request in a dialog of ours may reach a device that lives here: along the route
 * that the dialog has, and by each flow over which the device has registered. This server is the
 * registrar and the proxy of its domain as well as the agent whose dialog it is, so that what RFC
 * 5626 §7 and RFC 5627 §6.1 say of that proxy is done here.
 */
import { requestUri } from "../dialog/request-uri.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Wanted } from "../locate/wanted.ts";
import { composeRequest, type HeaderField } from "../message/compose.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { Binding } from "../roles/location.ts";
import { sameContact } from "../roles/register.ts";
import type { ServiceHost } from "../roles/services.ts";
import { bindingFlow } from "../roles/target.ts";
import { type Flow, isSamePeer } from "../transport/flow.ts";
import { described } from "../ua/dialog-side.ts";
import { gruuOf } from "../uri/gruu.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";

/** One of them. */
export interface DialogWay {
  readonly to: Flow | Wanted;
  /** What stands in place of the dialog's Request-URI and Route; undefined: those stand. */
  readonly instead?: Instead | undefined;
}

/** How a request is addressed that takes another way than its dialog's route. */
export interface Instead {
  /** The Request-URI: the contact that was registered. */
  readonly uri: Octets;
  /** The Path of that registration, the first hop first. */
  readonly path: readonly Octets[];
}

/** Whose dialog it is, and where it leads. */
export interface Sought {
  readonly host: ServiceHost;
  /** Whose device it is. */
  readonly account: string;
  readonly bindings: readonly Binding[];
  /** The dialog's remote target, which may be a GRUU. */
  readonly target: Octets;
  /** The first hop of the dialog's route; undefined where it has none. */
  readonly firstHop: Octets | undefined;
  /** The way by the dialog's route, as far as there is one. */
  readonly own: Flow | Wanted | undefined;
  /** The way by which the device has answered last, where that was another one. */
  readonly moved: DialogWay | undefined;
}

//= RFC 5627 §6.1
//# This is the case for both out-of-dialog requests targeted to the GRUU, and mid-dialog requests
//# targeted to the GRUU (in which case the incoming request would have a Route header field value
//# containing the URI that the proxy used for record-routing.).
//= RFC 5626 §7
//# The proxy uses the next-hop target of the message and the value of any stored Path header field
//# vector in the registration binding to decide how to forward and populate the Route header in the
//# request.
/**
 * In the order in which they are tried, each once: where the device answered last; along the
 * dialog's route, as long as the device is registered through its first hop; the device's flows,
 * the latest first, and those through that hop last.
 */
export function dialogWays(sought: Sought): readonly DialogWay[] {
  const { own, firstHop, moved } = sought;
  const registered = boundWays(sought);
  const others = registered.filter(
    ({ to, instead: { path } }) => path.length > 0 || own === undefined || !isThatFlow(own, to),
  );
  const ownWay: readonly DialogWay[] = own ? [{ to: own }] : [];
  const isNear = ({ instead }: BoundWay) => firstHop !== undefined && isBehind(instead, firstHop);
  const [near, far] = [others.filter(isNear), others.filter((one) => !isNear(one))];
  const isThere = firstHop === undefined || near.length > 0;
  const all: readonly DialogWay[] = isThere ? [...ownWay, ...far, ...near] : [...far, ...ownWay];
  const last = moved && all.find(({ instead }) => isSameInstead(instead, moved.instead));
  return last ? [last, ...all.filter((one) => one !== last)] : all;
}

/** The flows over which the device has registered that is there. */
function boundWays({ host, account, bindings, target }: Sought): readonly BoundWay[] {
  return boundBindings(host, account, target, bindings)
    .flatMap((binding): BoundWay[] => {
      const to = bindingFlow(host.endpoint, binding);
      const instead = { uri: requestUri(binding.contact), path: binding.path ?? [] };
      return to ? [{ to, instead }] : [];
    })
    .reverse();
}

interface BoundWay {
  readonly to: Flow;
  readonly instead: Instead;
}

/**
 * Those of the device that a remote target means: by its GRUU, or by its contact and the device
 * that has registered that.
 */
function boundBindings(
  host: ServiceHost,
  account: string,
  target: Octets,
  bindings: readonly Binding[],
): readonly Binding[] {
  const uri = parseSipUri(target);
  if (!uri.ok) return [];
  if (gruuOf(uri.value) && host.names.userIn(target) === account) {
    const bound = host.boundTo(uri.value, bindings);
    return bound.ok ? bound.value : [];
  }
  const devices = new Set(
    bindings.filter(({ contact }) => sameContact(contact, target)).map(({ instance }) => instance),
  );
  return bindings.filter(
    ({ contact, instance }) =>
      sameContact(contact, target) || (instance !== undefined && devices.has(instance)),
  );
}

const isThatFlow = (own: Flow | Wanted, to: Flow): boolean =>
  "remote" in own && isSamePeer(own, to);

/** Whether a registration came through the server that the dialog's route begins with. */
function isBehind({ path: [first] }: Instead, hop: Octets): boolean {
  const [one, other] = [first === undefined ? undefined : parseNameAddr(first), parseSipUri(hop)];
  const uri = one?.ok ? parseSipUri(one.value.uri) : undefined;
  return uri?.ok === true && other.ok && uri.value.host === other.value.host;
}

const isSameInstead = (one: Instead | undefined, other: Instead | undefined): boolean =>
  one?.uri === other?.uri && one?.path.join() === other?.path.join();

/** The headers of a request that takes this way. */
export const headersBy = (
  { instead }: DialogWay,
  headers: readonly HeaderField[],
): readonly HeaderField[] =>
  instead === undefined
    ? headers
    : [
        ...instead.path.map((value): HeaderField => ["Route", value]),
        ...headers.filter(([name]) => name !== "Route"),
      ];

//= RFC 3261 §13.2.2.4
//# The header fields of the ACK are constructed in the same way as for any request sent within a
//# dialog (see Section 12) with the exception of the CSeq and the header fields related to
//# authentication. The sequence number of the CSeq header field MUST be the same as the INVITE
//# being acknowledged, but the CSeq method MUST be ACK. The ACK MUST contain the same credentials
//# as the INVITE.
/**
 * The ACK by this way, made of an ACK by the dialog's route; or of the INVITE that took this way,
 * for a 2xx that nobody waits for, without a description.
 */
export function ackBy({ instead }: DialogWay, like: Request, via: Octets): Octets {
  const own = headerLines(like, "Route");
  const seq = header(like, "CSeq")?.split(" ")[0] ?? "";
  const kept = ACK_HEADERS.flatMap((name) =>
    headerLines(like, name).map((value): HeaderField => [name, value]),
  );
  const body = like.method === "ACK" ? like.body : "";
  const headers: readonly HeaderField[] = [
    ["Via", via],
    ...(instead?.path ?? own).map((value): HeaderField => ["Route", value]),
    ...kept,
    ["CSeq", `${seq} ACK`],
    ...described(body),
  ];
  return composeRequest("ACK", instead?.uri ?? like.uri, headers, body).text;
}

const ACK_HEADERS = [
  ...(["Max-Forwards", "From", "To", "Call-ID"] as const),
  ...(["Authorization", "Proxy-Authorization"] as const),
] as const;
