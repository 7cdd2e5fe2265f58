/** Dialogs as values. RFC 3261 §12. */
import { flat, fromText, type Octets } from "../grammar/octets.ts";
import { quote } from "../grammar/quoted.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import { elements } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import { type NameAddr, parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { requestUri } from "./request-uri.ts";

//= RFC 3261 §12.1.1
//# This state MUST be maintained for the duration of the dialog.
//= RFC 3261 §12.1.2
//# This state MUST be maintained for the duration of the dialog.
/**
 * One side's view of a dialog: a value that is replaced, not changed. RFC 3261 §12. URIs and tags
 * are octets as they came.
 */
export interface Dialog {
  /** `Early` until a final response to the INVITE. RFC 3261 §12. */
  readonly state: "Early" | "Confirmed";
  /** With the two tags, the dialog ID. */
  readonly callId: Octets;
  /** Of whoever holds this value: From in its requests, To in those that it gets. */
  readonly localTag: Octets;
  /** Empty for a peer of RFC 2543, which sends none: a null tag in §12.1. */
  readonly remoteTag: Octets;
  /** `"Alice" <sip:alice@example.com>` without the tag. */
  readonly localUri: Octets;
  /** As `localUri`, the other side's. */
  readonly remoteUri: Octets;
  /** The other side's Contact: where requests in the dialog are addressed. */
  readonly remoteTarget: Octets;
  /** Route header elements, in the order in which they are sent. */
  readonly routeSet: readonly Octets[];
  /** The CSeq number of the last request sent. */
  readonly localSeq: number;
  /** The CSeq number of the last request received; undefined before the first. */
  readonly remoteSeq: number | undefined;
  /**
   * Whether the INVITE went to a SIPS URI: the Contact of what is sent has to be one too. RFC 3261
   * §12.1.
   */
  readonly secure: boolean;
}

//= RFC 3261 §12.1
//# UAs MUST assign values to the dialog ID components as described below.
/** What identifies a dialog among all of one element. RFC 3261 §12. */
export const dialogId = ({ callId, localTag, remoteTag }: Dialog): string =>
  `${callId} ${localTag} ${remoteTag}`;

/**
 * The dialog that a response to one's own INVITE makes. RFC 3261 §12.1.2. Undefined when the
 * response makes none: a 100, a provisional one without a To tag, a final failure, no Contact that
 * can be read, or a Record-Route that cannot: to leave a proxy out would be to go around it.
 */
export function uacDialog(
  invite: Request,
  sent: Essentials,
  response: Response,
  received: Essentials,
): Dialog | undefined {
  const { status } = response;
  const remoteTarget = contact(response);
  const routes = recordRoute(response);
  if (status <= 100 || status >= 300 || !remoteTarget || !routes) return undefined;
  //= RFC 3261 §12.1.2
  //# A UAC MUST be prepared to receive a response without a tag in the To field, in which case the
  //# tag is considered to have a value of null.
  if (status < 200 && received.toTag === "") return undefined;
  return {
    state: status < 200 ? "Early" : "Confirmed",
    //= RFC 3261 §12.1.2
    //# The local sequence number MUST be set to the value of the sequence number in the CSeq header
    //# field of the request.
    localSeq: sent.cseq.number,
    //= RFC 3261 §12.1.2
    //# The remote sequence number MUST be empty (it is established when the remote UA sends a
    //# request within the dialog).
    remoteSeq: undefined,
    //= RFC 3261 §12.1.2
    //# The call identifier component of the dialog ID MUST be set to the value of the Call-ID in
    //# the request. The local tag component of the dialog ID MUST be set to the tag in the From
    //# field in the request, and the remote tag component of the dialog ID MUST be set to the tag
    //# in the To field of the response.
    callId: flat(sent.callId),
    localTag: flat(sent.fromTag),
    remoteTag: flat(received.toTag),
    //= RFC 3261 §12.1.2
    //# The remote URI MUST be set to the URI in the To field, and the local URI MUST be set to the
    //# URI in the From field.
    localUri: untagged(sent.from),
    remoteUri: untagged(sent.to),
    //= RFC 3261 §12.1.2
    //# The remote target MUST be set to the URI from the Contact header field of the response.
    remoteTarget,
    //= RFC 3261 §12.1.2
    //# The route set MUST be set to the list of URIs in the Record-Route header field from the
    //# response, taken in reverse order and preserving all URI parameters.
    //= RFC 3261 §12.1.2
    //# If no Record-Route header field is present in the response, the route set MUST be set to the
    //# empty set.
    routeSet: routes.reverse(),
    secure: isSecure(invite),
  };
}

/**
 * The dialog that one's own 1xx or 2xx to an INVITE makes. RFC 3261 §12.1.1. Undefined without a
 * Contact that can be read, or with a Record-Route that cannot.
 */
export function uasDialog(
  invite: Request,
  received: Essentials,
  localTag: Octets,
  status: number,
): Dialog | undefined {
  const remoteTarget = contact(invite);
  const routes = recordRoute(invite);
  if (!remoteTarget || !routes) return undefined;
  return {
    state: status < 200 ? "Early" : "Confirmed",
    //= RFC 3261 §12.1.1
    //# The local sequence number MUST be empty.
    localSeq: 0,
    //= RFC 3261 §12.1.1
    //# The remote sequence number MUST be set to the value of the sequence number in the CSeq
    //# header field of the request.
    remoteSeq: received.cseq.number,
    //= RFC 3261 §12.1.1
    //# The call identifier component of the dialog ID MUST be set to the value of the Call-ID in
    //# the request. The local tag component of the dialog ID MUST be set to the tag in the To field
    //# in the response to the request (which always includes a tag), and the remote tag component
    //# of the dialog ID MUST be set to the tag from the From field in the request. A UAS MUST be
    //# prepared to receive a request without a tag in the From field, in which case the tag is
    //# considered to have a value of null.
    callId: flat(received.callId),
    localTag,
    remoteTag: flat(received.fromTag),
    //= RFC 3261 §12.1.1
    //# The remote URI MUST be set to the URI in the From field, and the local URI MUST be set to
    //# the URI in the To field.
    localUri: untagged(received.to),
    remoteUri: untagged(received.from),
    //= RFC 3261 §12.1.1
    //# The remote target MUST be set to the URI from the Contact header field of the request.
    remoteTarget,
    //= RFC 3261 §12.1.1
    //# The route set MUST be set to the list of URIs in the Record-Route header field from the
    //# request, taken in order and preserving all URI parameters.
    //= RFC 3261 §12.1.1
    //# If no Record-Route header field is present in the request, the route set MUST be set to the
    //# empty set.
    routeSet: routes,
    secure: isSecure(invite),
  };
}

/** How a request within a dialog is addressed: everything but Via and what the method adds. */
export interface Addressing {
  /** The Request-URI: the remote target, or a strict router's. */
  readonly uri: Octets;
  /** Route, Max-Forwards, From, To, Call-ID and CSeq, in the order in which they are written. */
  readonly headers: readonly HeaderField[];
}

/**
 * The Request-URI and headers of a request within the dialog, with this CSeq number.
 * RFC 3261 §12.2.1.1.
 */
export function addressRequest(dialog: Dialog, method: string, seq: number): Addressing {
  const { uri, routes } = route(dialog);
  return {
    uri,
    headers: [
      //= RFC 3261 §7.3.1
      //# it is RECOMMENDED that header fields which are needed for proxy processing (Via, Route,
      //# Record-Route, Proxy-Require, Max-Forwards, and Proxy-Authorization, for example) appear
      //# towards the top of the message to facilitate rapid parsing.
      ...routes.map((one): HeaderField => ["Route", one]),
      ["Max-Forwards", "70"],
      //= RFC 3261 §12.2.1.1
      //# The From URI of the request MUST be set to the local URI from the dialog state. The tag in
      //# the From header field of the request MUST be set to the local tag of the dialog ID.
      ["From", tagged(dialog.localUri, dialog.localTag)],
      //= RFC 3261 §12.2.1.1
      //# The URI in the To field of the request MUST be set to the remote URI from the dialog
      //# state. The tag in the To header field of the request MUST be set to the remote tag of the
      //# dialog ID.
      ["To", tagged(dialog.remoteUri, dialog.remoteTag)],
      //= RFC 3261 §12.2.1.1
      //# The Call-ID of the request MUST be set to the Call-ID of the dialog.
      ["Call-ID", dialog.callId],
      //= RFC 3261 §12.2.1.1
      //# The method field in the CSeq header field value MUST match the method of the request.
      ["CSeq", `${seq} ${method}`],
    ],
  };
}

//= RFC 3261 §12.2.1.1
//# Requests within a dialog MUST contain strictly monotonically increasing and contiguous CSeq
//# sequence numbers (increasing-by-one) in each direction (excepting ACK and CANCEL of course,
//# whose numbers equal the requests being acknowledged or cancelled).
//= RFC 3261 §12.2.1.1
//# If the local sequence number is empty, an initial value MUST be chosen using the guidelines of
//# Section 8.1.1.5.
//= RFC 3261 §12.2.1.1
//# Therefore, if the local sequence number is not empty, the value of the local sequence number
//# MUST be incremented by one, and this value MUST be placed into the CSeq header field.
/**
 * The dialog after one more request of ours: its CSeq number is the new `localSeq`. Not for ACK and
 * CANCEL. RFC 3261 §12.2.1.1.
 */
export const advanced = (dialog: Dialog): Dialog => ({ ...dialog, localSeq: dialog.localSeq + 1 });

/**
 * The dialog after a request of the other side, or undefined when that request comes out of order
 * and has to be answered with 500. RFC 3261 §12.2.2.
 */
export function receiveRequest(dialog: Dialog, request: Request, seq: number): Dialog | undefined {
  //= RFC 3261 §12.2.2
  //# If the remote sequence number was not empty, but the sequence number of the request is lower
  //# than the remote sequence number, the request is out of order and MUST be rejected with a 500
  //# (Server Internal Error) response.
  if (dialog.remoteSeq !== undefined && seq < dialog.remoteSeq) return undefined;
  //= RFC 3261 §12.2.2
  //# If the remote sequence number is empty, it MUST be set to the value of the sequence number in
  //# the CSeq header field value in the request.
  //= RFC 3261 §12.2.2
  //# The UAS MUST then set the remote sequence number to the value of the sequence number in the
  //# CSeq header field value in the request.
  //= RFC 3261 §12.2.2
  //# When a UAS receives a target refresh request, it MUST replace the dialog's remote target URI
  //# with the URI from the Contact header field in that request, if present.
  const target = isTargetRefresh(request.method) ? contact(request) : undefined;
  return { ...dialog, remoteSeq: seq, remoteTarget: target ?? dialog.remoteTarget };
}

/** The dialog after a 2xx to a request of ours. RFC 3261 §12.2.1.2, §13.2.2.4. */
export function receiveSuccess(dialog: Dialog, response: Response, method: string): Dialog {
  //= RFC 3261 §12.2.1.2
  //# When a UAC receives a 2xx response to a target refresh request, it MUST replace the dialog's
  //# remote target URI with the URI from the Contact header field in that response, if present.
  const target = isTargetRefresh(method) ? contact(response) : undefined;
  const moved = { ...dialog, remoteTarget: target ?? dialog.remoteTarget };
  // A PRACK or an UPDATE succeeds while the phone still rings.
  if (dialog.state === "Confirmed" || method !== "INVITE") return moved;
  //= RFC 3261 §13.2.2.4
  //# If the dialog identifier in the 2xx response matches the dialog identifier of an existing
  //# dialog, the dialog MUST be transitioned to the "confirmed" state, and the route set for the
  //# dialog MUST be recomputed based on the 2xx response using the procedures of Section
  //# 12.2.1.2.
  return {
    ...moved,
    state: "Confirmed",
    routeSet: recordRoute(response)?.reverse() ?? dialog.routeSet,
  };
}

//= RFC 6665 §3.1
//# SUBSCRIBE requests are target refresh requests, as that term is defined in [RFC3261].
//= RFC 6665 §3.2
//# NOTIFY is a target refresh request, as that term is defined in [RFC3261].
/** Methods that may move the remote target. RFC 3261 §12.2, RFC 3311 §5.1. */
const TARGET_REFRESH: ReadonlySet<string> = new Set(["INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY"]);
const isTargetRefresh = (method: string) => TARGET_REFRESH.has(method);

function route({ routeSet, remoteTarget }: Dialog): { uri: Octets; routes: readonly Octets[] } {
  const first = routeSet[0];
  //= RFC 3261 §12.2.1.1
  //# If the route set is empty, the UAC MUST place the remote target URI into the Request-URI. The
  //# UAC MUST NOT add a Route header field to the request.
  if (first === undefined) return { uri: requestUri(remoteTarget), routes: [] };
  const strict = strictRouter(first);
  //= RFC 3261 §12.2.1.1
  //# If the route set is not empty, and the first URI in the route set contains the lr parameter
  //# (see Section 19.1.1), the UAC MUST place the remote target URI into the Request-URI and MUST
  //# include a Route header field containing the route set values in order, including all
  //# parameters.
  if (strict === undefined) return { uri: requestUri(remoteTarget), routes: routeSet };
  //= RFC 3261 §12.2.1.1
  //# If the route set is not empty, and its first URI does not contain the lr parameter, the UAC
  //# MUST place the first URI from the route set into the Request-URI, stripping any parameters
  //# that are not allowed in a Request-URI. The UAC MUST add a Route header field containing the
  //# remainder of the route set values in order, including all parameters. The UAC MUST then place
  //# the remote target URI into the Route header field as the last value.
  return { uri: requestUri(strict), routes: [...routeSet.slice(1), `<${remoteTarget}>`] };
}

/** The URI of a Route element without `lr`; undefined of one with it, or of another scheme. */
function strictRouter(element: Octets): Octets | undefined {
  const next = parseNameAddr(element);
  if (!next.ok) return undefined;
  const uri = parseSipUri(next.value.uri);
  return !uri.ok || uri.value.params.has("lr") ? undefined : next.value.uri;
}

//= RFC 3261 §8.1.1.8
//# The Contact header field MUST be present and contain exactly one SIP or SIPS URI in any request
//# that can result in the establishment of a dialog.
/** The first element's URI; undefined if no request could be sent to it, as to `*`. */
function contact(message: Request | Response): Octets | undefined {
  const all = elements(message, "Contact");
  const [value] = all.ok ? all.value : [];
  if (value === undefined) return undefined;
  const parsed = parseNameAddr(value);
  return parsed.ok && parseSipUri(parsed.value.uri).ok ? flat(parsed.value.uri) : undefined;
}

/** The elements as they stand there; undefined if one of them cannot be read. */
function recordRoute(message: Request | Response): Octets[] | undefined {
  const routes = elements(message, "Record-Route");
  if (!routes.ok || !routes.value.every((one) => parseNameAddr(one).ok)) return undefined;
  return routes.value.map(flat);
}

/** A request to a SIPS URI is sent over TLS alone, so its URI says enough. */
const isSecure = ({ uri }: Request): boolean => /^sips:/i.test(uri);

export function untagged({ displayName, uri }: NameAddr): Octets {
  // A quoted-pair may hold a NUL, which nothing that we write may.
  const shown = displayName.replaceAll("\0", "");
  const name = shown === "" ? "" : `${quote(fromText(shown))} `;
  return flat(`${name}<${uri}>`);
}

//= RFC 3261 §12.2.1.1
//# If the value of the remote or local tags is null, the tag parameter MUST be omitted from the To
//# or From header fields, respectively.
const tagged = (uri: Octets, tag: Octets): Octets => (tag === "" ? uri : `${uri};tag=${tag}`);
