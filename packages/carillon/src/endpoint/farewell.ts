/** Ends a call that nobody wants: a 2xx came for an INVITE that had been given up. */
import { addressRequest, advanced, type Dialog, uacDialog } from "../dialog/dialog.ts";
import { isUsable } from "../dialog/usable-dialog.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Wanted, wantedByUri } from "../locate/wanted.ts";
import { composeRequest, type HeaderField } from "../message/compose.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { elements, headerLines } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { oneLine } from "./reply.ts";

/** A request in a dialog that has no Via yet, and where it is to go. */
export interface Parting {
  readonly method: "ACK" | "BYE";
  readonly wanted: Wanted;
  compose(flow: Flow, branch: string): Request;
}

//= RFC 3261 §13.2.2.4
//# If, after acknowledging any 2xx response to an INVITE, the UAC does not want to continue with
//# that dialog, then the UAC MUST terminate the dialog by sending a BYE request as described in
//# Section 15.
/** The ACK and the BYE. Undefined when the response makes no dialog to send either in. */
export function farewell(
  invite: Request,
  response: Response,
  essentials: Essentials,
): { readonly ack: Parting; readonly bye: Parting } | undefined {
  const sent = readEssentials(invite);
  const made = sent.ok ? uacDialog(invite, sent.value, response, essentials) : undefined;
  const dialog = made && fromHere(made, invite);
  const wanted = dialog && nextHop(dialog);
  if (!dialog || !isUsable(dialog) || !wanted) return undefined;
  //= RFC 3261 §13.2.2.4
  //# The ACK MUST contain the same credentials as the INVITE.
  const credentials = (["Authorization", "Proxy-Authorization"] as const).flatMap((name) =>
    headerLines(invite, name).map((value): HeaderField => [name, value]),
  );
  const next = advanced(dialog);
  return {
    ack: parting("ACK", dialog, wanted, credentials),
    bye: parting("BYE", next, wanted, credentials),
  };
}

/** The dialog as seen from here: whatever had recorded its route before, lies behind us. */
function fromHere(dialog: Dialog, invite: Request): Dialog {
  const before = elements(invite, "Record-Route");
  return { ...dialog, routeSet: dialog.routeSet.slice(before.ok ? before.value.length : 0) };
}

function parting(
  method: Parting["method"],
  dialog: Dialog,
  wanted: Wanted,
  credentials: readonly HeaderField[],
): Parting {
  const { uri, headers } = addressRequest(dialog, method, dialog.localSeq);
  // They repeat what the other side wrote: nothing in them may end a line.
  const clean = [...headers, ...credentials].map(
    ([name, value]): HeaderField => [name, oneLine(value)],
  );
  return {
    method,
    wanted,
    compose: (flow, branch) =>
      composeRequest(method, uri, [["Via", viaOf(flow, branch)], ...clean]),
  };
}

/** Our Via for a request of our own. */
export function viaOf(flow: Flow, branch: string): Octets {
  const rport = isReliable(flow) ? "" : ";rport";
  return `SIP/2.0/${flow.transport} ${formatAddress(flow.local)};branch=${branch}${rport}`;
}

//= RFC 3261 §8.1.2
//# If the first element in the route set indicated a strict router (resulting in forming the
//# request as described in Section 12.2.1.1), the procedures MUST be applied to the Request-URI of
//# the request. Otherwise, the procedures are applied to the first Route header field value in the
//# request (if one exists), or to the request's Request-URI if there is no Route header field
//# present.
// Either way that is the first element of the route set.
function nextHop(dialog: Dialog): Wanted | undefined {
  const [first] = dialog.routeSet;
  const route = first === undefined ? undefined : parseNameAddr(first);
  const text = route?.ok ? route.value.uri : dialog.remoteTarget;
  const uri = parseSipUri(text);
  return uri.ok ? wantedByUri(uri.value, dialog.secure || uri.value.scheme === "sips") : undefined;
}
