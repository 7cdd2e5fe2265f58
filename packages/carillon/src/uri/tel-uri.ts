/** TEL URIs: telephone numbers. RFC 3966. */
import { isAlphanum, isDigits, isUriParam } from "../grammar/chars.ts";
import { MAX_PARAMS } from "../grammar/limits.ts";
import type { Params } from "../grammar/params.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { comparable } from "./escape.ts";

/** `tel:number;isub=…;ext=…;phone-context=…;params`. RFC 3966 §3. */
export interface TelUri {
  /** Tells it apart in `Uri`. */
  readonly scheme: "tel";
  /** As written, with its visual separators. A global number starts with `+`. */
  readonly number: string;
  /** Which numbers a local number is one of: a domain name or the start of a global number. */
  readonly phoneContext: string | undefined;
  /** The ISDN subaddress, raw. With it there is no `ext`. RFC 3966 §5.3. */
  readonly isub: string | undefined;
  /** The extension behind the number, with its visual separators. With it there is no `isub`. */
  readonly ext: string | undefined;
  //= RFC 3966 §5.4
  //# Entities that forward protocol requests containing "tel" URIs with optional parameters MUST
  //# NOT delete or modify parameters they do not understand.
  /** The other parameters: names in lower case, raw values, whatever they are. */
  readonly params: Params;
}

const fail = (what: string, offset: number, section = "3") =>
  bad("bad-uri", what, offset, `RFC 3966 §${section}`);

/**
 * Reads a whole TEL URI. RFC 3966 §3.
 *
 * `telephone-uri = "tel:" telephone-subscriber`
 *
 * Errors: `bad-uri` (400), `unsupported-scheme` (416).
 */
export function parseTelUri(text: string): Result<TelUri> {
  if (text.slice(0, 4).toLowerCase() === "tel:") return readSubscriber(text.slice(4));
  return bad("unsupported-scheme", "expected tel", 0, "RFC 3966 §3", 416);
}

/** `telephone-subscriber = global-number / local-number` */
function readSubscriber(text: string): Result<TelUri> {
  const semicolon = text.indexOf(";");
  const number = semicolon < 0 ? text : text.slice(0, semicolon);
  const isGlobal = number.startsWith("+");
  if (!(isGlobal ? isGlobalDigits(number) : isLocalDigits(number))) {
    return fail("expected + and digits, or the digits of a local number", 4);
  }
  const all = readParams(text.slice(number.length));
  if (!all) return fail("the parameters break the grammar", 4 + semicolon);
  const phoneContext = all.get("phone-context");
  //= RFC 3966 §5.1
  //# Local numbers MUST be tagged with a 'phone-context' (section 5.1.5).
  //= RFC 3966 §5.1.5
  //# Local numbers MUST have a 'phone-context' parameter that identifies the scope of their
  //# validity.
  if (!isGlobal && (phoneContext === undefined || !isDescriptor(phoneContext))) {
    return fail("a local number needs a phone-context", 4, "5.1.5");
  }
  const [isub, ext] = [all.get("isub"), all.get("ext")];
  //= RFC 3966 §5.3
  //# At most, one of the 'isdn-subaddress' and 'extension' parameters can appear in a "tel" URI
  if (isub !== undefined && ext !== undefined) return fail("isub and ext exclude each other", 4);
  for (const name of ["phone-context", "isub", "ext"]) all.delete(name);
  return ok({ scheme: "tel", number, phoneContext, isub, ext, params: all });
}

//= RFC 3966 §3
//# If the reserved characters "+", ";", "=", and "?" are used as delimiters between components of
//# the "tel" URI, they MUST NOT be percent encoded. These characters MUST be percent encoded if
//# they appear in tel URI parameter values.
// But for the plus sign, which the grammar has there as it is: phone-context=+1.
/** `par = parameter / extension / isdn-subaddress`, and the context; each with its semicolon. */
function readParams(text: string): Map<string, string> | undefined {
  const params = new Map<string, string>();
  if (text === "") return params;
  for (const param of text.slice(1).split(";", MAX_PARAMS + 1)) {
    const equal = param.indexOf("=");
    const name = (equal < 0 ? param : param.slice(0, equal)).toLowerCase();
    const value = equal < 0 ? "" : param.slice(equal + 1);
    //= RFC 3966 §3
    //# Each parameter name ("pname"), the ISDN subaddress, the 'extension', and the 'context' MUST
    //# NOT appear more than once.
    if (params.has(name) || params.size === MAX_PARAMS) return undefined;
    if (!isName(name) || !isValue(name, value) || (equal >= 0 && value === "")) return undefined;
    params.set(name, value);
  }
  return params;
}

/** `pname = 1*( alphanum / "-" )` */
function isName(name: string): boolean {
  //= RFC 3966 §5.4
  //# An implementation MAY ignore optional parameters and MUST NOT use the URI if it contains
  //# unknown mandatory parameters.
  if (name.startsWith("m-")) return false;
  return isAlphanum(name.replaceAll("-", "")) || /^-+$/.test(name);
}

function isValue(name: string, value: string): boolean {
  if (name === "ext") return value !== "" && isMadeOf(value, "0123456789-.()");
  if (name === "isub") return value !== "" && isUriParam(value.replace(/[;?@=,]/g, ""));
  return isUriParam(value);
}

//= RFC 3966 §5.1
//# Implementations MUST NOT assume that telephone numbers have a maximum, minimum, or fixed length,
//# or that they always begin with or contain certain digits.
//= RFC 3966 §5.1.1
//# However, even though ITU-T E.123 [E.123] recommends the use of space characters as visual
//# separators in printed telephone numbers, "tel" URIs MUST NOT use spaces in visual separators to
//# avoid excessive escaping.
/** `global-number-digits = "+" *phonedigit DIGIT *phonedigit` */
const isGlobalDigits = (text: string): boolean =>
  text.startsWith("+") && /[0-9]/.test(text) && isMadeOf(text.slice(1), "0123456789-.()");

/** `local-number-digits = *phonedigit-hex (HEXDIG / "*" / "#")*phonedigit-hex` */
const isLocalDigits = (text: string): boolean =>
  /[0-9a-fA-F*#]/.test(text) && isMadeOf(text, "0123456789abcdefABCDEF*#-.()");

/** `descriptor = domainname / global-number-digits` */
function isDescriptor(text: string): boolean {
  if (text.startsWith("+")) return isGlobalDigits(text);
  const labels = (text.endsWith(".") ? text.slice(0, -1) : text).split(".");
  const top = labels.at(-1) ?? "";
  return labels.every(isLabel) && !isDigits(top, 0, 1);
}

/** `domainlabel = alphanum / alphanum *( alphanum / "-" ) alphanum` */
const isLabel = (label: string): boolean =>
  isAlphanum(label.replaceAll("-", "")) && !label.startsWith("-") && !label.endsWith("-");

function isMadeOf(text: string, characters: string): boolean {
  for (let i = 0; i < text.length; i++) if (!characters.includes(text[i] ?? " ")) return false;
  return text !== "";
}

/** `tel:` and the number, its parameters in the order RFC 3966 §3 asks for. */
export const formatTelUri = (uri: TelUri): string => `tel:${formatSubscriber(uri)}`;

//= RFC 3966 §3
//# The 'isdn-subaddress' or 'extension' MUST appear first, if present, followed by the 'context'
//# parameter, if present, followed by any other parameters in lexicographical order.
/** `telephone-subscriber`, which is also what the user part of a SIP URI holds. */
export function formatSubscriber({ number, isub, ext, phoneContext, params }: TelUri): string {
  const others = [...params].sort(([a], [b]) => (a < b ? -1 : 1));
  let text = number;
  const first = [["isub", isub] as const, ["ext", ext] as const];
  for (const [name, value] of [...first, ["phone-context", phoneContext] as const, ...others]) {
    if (value !== undefined) text += value === "" ? `;${name}` : `;${name}=${value}`;
  }
  return text;
}

//= RFC 3966 §4
//# Both must be either a 'local-number' or a 'global-number', i.e., start with a '+'.
//= RFC 3966 §4
//# If one URI has a parameter name not found in the other, the two URIs are not equal.
/** Whether two TEL URIs are the same number. RFC 3966 §4. */
export function sameTelUri(a: TelUri, b: TelUri): boolean {
  const plain = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : bare(text);
  if (bare(a.number) !== bare(b.number) || plain(a.ext) !== plain(b.ext)) return false;
  if (context(a) !== context(b) || folded(a.isub) !== folded(b.isub)) return false;
  if (a.params.size !== b.params.size) return false;
  return [...a.params].every(([name, value]) => folded(b.params.get(name)) === folded(value));
}

//= RFC 3966 §5.1.1
//# Visual separators ('visual-separator') merely aid readability and are not used for URI
//# comparison or placing a call.
const bare = (number: string): string => number.replace(/[-.()]/g, "").toLowerCase();

/** A number digit by digit, a domain as a host name. */
function context({ phoneContext }: TelUri): string | undefined {
  return phoneContext?.startsWith("+") ? bare(phoneContext) : folded(phoneContext);
}

const folded = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : comparable(text).toLowerCase();
