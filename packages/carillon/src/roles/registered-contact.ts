/** What one Contact of a REGISTER asks for. RFC 3261 §10.3, RFC 5626 §6. */
import { parseNumber } from "../grammar/chars.ts";
import { MAX_EXPIRES, MAX_REG_ID } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Params } from "../grammar/params.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { hasDelimiter, type NameAddr, parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { pushAddress } from "./wake-address.ts";

export const DEFAULT_EXPIRES_SECONDS = 3600;
/** The longest that a binding is granted at a time: whoever asks for more gets this. */
export const MAX_EXPIRES_SECONDS = 7200;
/** The same for a phone that is woken by a push: it may sleep for as long. RFC 8599. */
export const MAX_ASLEEP_SECONDS: number = 30 * 24 * 3600;
export const MIN_EXPIRES_SECONDS = 30;
/** Octets of one Contact's URI: it is kept, and written into every request that goes there. */
const MAX_CONTACT = 1024;
/** Octets of an instance's name, brackets included: `<urn:uuid:…>` has 47. */
const MAX_INSTANCE = 256;

/** One Contact, read. */
export interface Change {
  readonly contact: Octets;
  /** 0 takes the binding away. */
  readonly expiresSeconds: number;
  /** 0 to 1000: q as thousandths. */
  readonly q: number;
  /** As in a `Binding`. */
  readonly instance?: Octets;
  readonly regId?: number;
}

/**
 * Reads one Contact of a REGISTER; `expiresHeader` is what its Expires asks for.
 *
 * Errors: `bad-contact` (400), `no-sip-uri` (403), `too-brief` (423).
 */
export function readChange(text: Octets, expiresHeader: number | undefined): Result<Change> {
  const parsed = parseNameAddr(text);
  if (!parsed.ok) return parsed;
  const { uri, params } = parsed.value;
  //= RFC 5627 §5.1
  //# If the contact is not a SIP URI, the REGISTER request MUST be rejected with a 403.
  if (hasOtherScheme(uri)) return fail("no-sip-uri", "a Contact that is no SIP URI", 403);
  const target = parseSipUri(uri);
  if (!target.ok || uri.length > MAX_CONTACT) {
    return fail("bad-contact", `a Contact that is no SIP URI of up to ${MAX_CONTACT} octets`);
  }
  //= RFC 3261 §10.3
  //# If the field value has an "expires" parameter, that value MUST be taken as the requested
  //# expiration. If there is no such parameter, but the request has an Expires header field, that
  //# value MUST be taken as the requested expiration. If there is neither, a locally-configured
  //# default value MUST be taken as the requested expiration.
  const own = readExpires(params.get("expires"));
  const asked = own ?? expiresHeader ?? DEFAULT_EXPIRES_SECONDS;
  //= RFC 3261 §10.3
  //# If and only if the requested expiration interval is greater than zero AND smaller than one
  //# hour AND less than a registrar-configured minimum, the registrar MAY reject the registration
  //# with a response of 423 (Interval Too Brief).
  if (asked > 0 && asked < MIN_EXPIRES_SECONDS) {
    return fail("too-brief", `at least ${MIN_EXPIRES_SECONDS} seconds`, 423);
  }
  const longest = pushAddress(uri) ? MAX_ASLEEP_SECONDS : MAX_EXPIRES_SECONDS;
  const expiresSeconds = Math.min(asked, longest);
  return ok({ contact: uri, expiresSeconds, q: readQ(parsed.value), ...readInstance(params) });
}

//= RFC 5626 §6
//# If the registrar processes a Contact header field value with a reg-id but no instance-id, it
//# simply ignores the reg-id parameter.
//= RFC 5626 §6
//# The registrar MUST be prepared to receive, simultaneously for the same AOR, some registrations
//# that use instance-id and reg-id and some registrations that do not.
/** `+sip.instance` is `"<" instance-id ">"` in quotes: RFC 5626 §4.1. Any other is none. */
export function readInstance(params: Params): Pick<Change, "instance" | "regId"> {
  const instance = params.get("+sip.instance") ?? "";
  if (!isInstance(instance)) return {};
  //= RFC 5626 §10
  //# The value of the reg-id MUST NOT be 0 and MUST be less than 2^31.
  const regId = parseNumber(params.get("reg-id") ?? "", MAX_REG_ID);
  return regId === undefined || regId === 0 ? { instance } : { instance, regId };
}

const isInstance = (text: Octets): boolean =>
  text.length > 2 &&
  text.length <= MAX_INSTANCE &&
  text.startsWith("<") &&
  text.endsWith(">") &&
  !hasDelimiter(text.slice(1, -1));

//= RFC 3261 §10.2
//# Malformed values SHOULD be treated as equivalent to 3600.
/** Undefined without one. */
export function readExpires(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return parseNumber(text, MAX_EXPIRES) ?? DEFAULT_EXPIRES_SECONDS;
}

/** `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`, in thousandths; 1 if absent. */
function readQ({ params }: NameAddr): number {
  const q = params.get("q");
  return q !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q)
    ? Math.round(Number(q) * 1000)
    : 1000;
}

/** Of a URI that is one, and no SIP URI; a "*" is none of either. */
const hasOtherScheme = (uri: Octets): boolean =>
  /^[a-z][a-z0-9+.-]*:/i.test(uri) && !/^sips?:/i.test(uri);

const fail = (code: string, what: string, status = 400) =>
  bad(code, what, 0, "RFC 3261 §10.3", status);
