/** What a REGISTER says, for each of the four things it can be for. RFC 3261 §10.2. */
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { formatSipUri, parseSipUri } from "../uri/sip-uri.ts";

/** What a REGISTER is for, told apart by `kind`. `Fetch` only asks which bindings there are. */
export type RegisterOperation =
  | { readonly kind: "Add"; readonly contact: Octets; readonly expiresSeconds: number }
  | { readonly kind: "Remove"; readonly contact: Octets }
  /** All bindings of the address of record, whoever made them. */
  | { readonly kind: "RemoveAll" }
  | { readonly kind: "Fetch" };

/** What stays the same over all registrations of one device at one registrar. */
export interface Registrant {
  /** The address of record, without angle brackets. */
  readonly aor: Octets;
  //= RFC 3261 §10.2
  //# All registrations from a UAC SHOULD use the same Call-ID header field value for registrations
  //# sent to a particular registrar.
  /** One for all of them at this registrar. */
  readonly callId: Octets;
  /** The tag of From, which needs no more than to be there. */
  readonly fromTag: Octets;
}

/** A REGISTER, but for what a flow adds. */
export interface RegisterRequest {
  /** The Request-URI: the domain of the address of record. */
  readonly uri: Octets;
  /** All but Via, with Contact as an element for `<...>` with its parameters. */
  readonly headers: readonly HeaderField[];
}

/**
 * The REGISTER number `seq`: one more for each that is sent. `contact` is an element of the
 * Contact header, `<sip:alice@192.0.2.1>;q=0.5`. Throws a RangeError on an address of record that
 * is no SIP or SIPS URI. RFC 3261 §10.2.
 */
export function registerRequest(
  { aor, callId, fromTag }: Registrant,
  operation: RegisterOperation,
  seq: number,
): RegisterRequest {
  //= RFC 3261 §10.2
  //# This address-of-record MUST be a SIP URI or SIPS URI.
  const parsed = parseSipUri(aor);
  if (!parsed.ok) throw new RangeError(`not an address of record: ${parsed.error.message}`);
  const { scheme, host, port } = parsed.value;
  const none = { user: undefined, password: undefined, headers: undefined };
  //= RFC 3261 §10.2
  //# The "userinfo" and "@" components of the SIP URI MUST NOT be present.
  const uri = formatSipUri({ scheme, host, port, params: new Map(), ...none });
  //= RFC 3261 §10.2
  //# The following header fields, except Contact, MUST be included in a REGISTER request.
  return {
    uri,
    headers: [
      ["Max-Forwards", "70"],
      ["From", `<${aor}>;tag=${fromTag}`],
      ["To", `<${aor}>`],
      ["Call-ID", callId],
      //= RFC 3261 §10.2
      //# A UA MUST increment the CSeq value by one for each REGISTER request with the same Call-ID.
      ["CSeq", `${seq} REGISTER`],
      ...contactHeaders(operation),
    ],
  };
}

function contactHeaders(operation: RegisterOperation): readonly HeaderField[] {
  switch (operation.kind) {
    case "Add":
      return [
        ["Contact", operation.contact],
        ["Expires", String(operation.expiresSeconds)],
      ];
    case "Remove":
      return [
        ["Contact", operation.contact],
        ["Expires", "0"],
      ];
    case "RemoveAll":
      //= RFC 3261 §10.2.2
      //# The REGISTER-specific Contact header field value of "*" applies to all registrations, but
      //# it MUST NOT be used unless the Expires header field is present with a value of "0".
      return [
        //= RFC 5626 §4.2.3
        //# A UAC also MUST NOT include an instance-id feature tag or "reg-id" Contact header field
        //# parameter in a request to un-register all Contacts (a single Contact header field value
        //# with the value of "*").
        ["Contact", "*"],
        ["Expires", "0"],
      ];
    case "Fetch":
      //= RFC 3261 §10.2.3
      //# If no Contact header field is present in a REGISTER request, the list of bindings is left
      //# unchanged.
      return [];
  }
}
