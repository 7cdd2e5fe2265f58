/**
 * What a REGISTER may ask of this registrar beside a binding: several flows of one device
 * (Outbound, RFC 5626 §6), and proxies on the way to it (Path, RFC 3327 §5.3).
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { elements, findHeader, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { isReliable } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { hasOptionTag, type Refusal } from "./validation.ts";

/** What may stand in the Require of a REGISTER. */
export const REGISTRAR_EXTENSIONS: readonly string[] = ["path", "outbound"];

/** How a REGISTER is carried out. */
export interface Terms {
  /** Its reg-id counts. RFC 5626 §6. */
  readonly isOutbound: boolean;
  /** What the phone is told to send its requests through: URIs with lr. RFC 3608. */
  readonly serviceRoute?: readonly Octets[] | undefined;
}

//= RFC 5626 §6
//# Registrars that implement this specification MUST support the Path header mechanism [RFC3327].
/** How a REGISTER is carried out, or why not. `isVouchedFor`: an edge of the house brings it. */
export function termsOf({ request }: Incoming, isVouchedFor: boolean): Terms | Refusal {
  const hasPath = findHeader(request, "Path") >= 0;
  //= RFC 3327 §5.3
  //# If a registrar receives a REGISTER request containing a Path header field and there is no
  //# indication of support for the extension in the UA (via a Supported header field), the
  //# registrar must rely on local policy in determining how to treat this request. The recommended
  //# policy is for the registrar to reject the request with a 420 "Bad Extension" response
  //# indicating the Path extension.
  if (hasPath && !isVouchedFor && !hasOptionTag(request, "path")) {
    return { status: 420, why: NO_PATH, headers: [["Unsupported", "path"]] };
  }
  //= RFC 5626 §6
  //# When receiving a REGISTER request, the registrar MUST check from its Via header field if the
  //# registrar is the first hop or not. If the registrar is not the first hop, it MUST examine the
  //# Path header of the request. If the Path header field is missing or it exists but the first URI
  //# does not have an "ob" URI parameter, then outbound processing MUST NOT be applied to the
  //# registration.
  const isOutbound = isFirstHop(request) || beginsWithOutbound(request);
  //= RFC 5626 §6
  //# In this case, the following processing applies: if the REGISTER request contains the reg-id
  //# and the outbound option tag in a Supported header field, then the registrar MUST respond to
  //# the REGISTER request with a 439 (First Hop Lacks Outbound Support) response; otherwise, the
  //# registrar MUST ignore the "reg-id" parameter of the Contact header.
  if (!isOutbound && hasOptionTag(request, "outbound") && hasRegId(request)) {
    return { status: 439, why: "the first proxy on the way here does not do Outbound" };
  }
  return { isOutbound };
}

const NO_PATH = "proxies on the way put themselves into its Path, of which the phone knows nothing";

/** Whether it comes from whoever made it: nobody else has put in a Via. */
export function isFirstHop(request: Request): boolean {
  const line = findHeader(request, "Via");
  if (findHeader(request, "Via", line + 1) >= 0) return false;
  const vias = elements(request, "Via");
  return vias.ok && vias.value.length === 1;
}

/**
 * Whether the proxy that the phone is connected to does Outbound. It was the first to put itself
 * into the Path, where everybody after it stands before it: RFC 3327 §5.2, RFC 5626 §5.1.
 */
function beginsWithOutbound(request: Request): boolean {
  const values = elements(request, "Path");
  const first = values.ok ? values.value.at(-1) : undefined;
  const address = first === undefined ? undefined : parseNameAddr(first);
  const uri = address?.ok ? parseSipUri(address.value.uri) : undefined;
  return uri?.ok === true && uri.value.params.has("ob");
}

/** Whether one of its Contacts asks for a flow of its own. */
export function hasRegId(request: Request): boolean {
  const contacts = elements(request, "Contact");
  if (!contacts.ok) return false;
  return contacts.value.some((text) => {
    const address = parseNameAddr(text);
    return address.ok && address.value.params.has("reg-id");
  });
}

/** What the answer says of it beside the Contacts. `numbered`: a reg-id of it was taken. */
export function outboundHeaders({ request, flow }: Incoming, numbered: boolean): HeaderField[] {
  const headers: HeaderField[] = [["Supported", REGISTRAR_EXTENSIONS.join(", ")]];
  //= RFC 3327 §5.3
  //# The registrar copies the Path header field values into a Path header field in the successful
  //# (200 class) REGISTER response.
  for (const value of headerLines(request, "Path")) headers.push(["Path", value]);
  //= RFC 5626 §6
  //# If the Contact header did not contain a "reg-id" Contact header field parameter or if that
  //# parameter was ignored (as described above), the registrar MUST NOT include the outbound
  //# option-tag in the Require header field of its response.
  //= RFC 5626 §6
  //# Provided that the UAC had included an outbound option-tag (defined in Section 11.4) in a
  //# Supported header field value in the REGISTER request, the registrar MUST include the outbound
  //# option-tag in a Require header field value in its response to that REGISTER request.
  if (!numbered || !hasOptionTag(request, "outbound")) return headers;
  headers.push(["Require", "outbound"]);
  //= RFC 5626 §6
  //# Registrars with a direct flow with a UA MAY include a Flow-Timer header in a 2xx class
  //# registration response that includes the outbound option-tag in the Require header.
  if (isFirstHop(request)) headers.push(["Flow-Timer", `${flowTimer(isReliable(flow))}`]);
  return headers;
}

/**
 * How often a flow is to be used, in seconds: NATs forget UDP within 30, connections within
 * minutes. RFC 5626 §4.4.
 */
export const flowTimer = (isConnection: boolean): number => (isConnection ? 90 : 25);
