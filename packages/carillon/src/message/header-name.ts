/** Header names as the RFCs spell them, and how they are recognised on the wire. */

/**
 * Names with a meaning here, each with its compact form if it has one. RFC 3261 §7.3.3, §20, and
 * the IANA registry of SIP header fields. Who defines them and who reads them: header/registry.ts.
 */
const NAMES = {
  Accept: "",
  "Accept-Contact": "a",
  "Accept-Encoding": "",
  "Accept-Language": "",
  "Accept-Resource-Priority": "",
  "Alert-Info": "",
  Allow: "",
  "Allow-Events": "u",
  "Answer-Mode": "",
  "Authentication-Info": "",
  Authorization: "",
  "Call-ID": "i",
  "Call-Info": "",
  Contact: "m",
  "Content-Disposition": "",
  "Content-Encoding": "e",
  "Content-ID": "",
  "Content-Language": "",
  "Content-Length": "l",
  "Content-Type": "c",
  CSeq: "",
  Date: "",
  Diversion: "",
  "Error-Info": "",
  Event: "o",
  Expires: "",
  "Feature-Caps": "",
  "Flow-Timer": "",
  From: "f",
  "History-Info": "",
  Identity: "y",
  "Identity-Info": "n",
  "In-Reply-To": "",
  "Info-Package": "",
  Join: "",
  "Max-Breadth": "",
  "Max-Forwards": "",
  "MIME-Version": "",
  "Min-Expires": "",
  "Min-SE": "",
  Organization: "",
  "P-Access-Network-Info": "",
  "P-Answer-State": "",
  "P-Asserted-Identity": "",
  "P-Asserted-Service": "",
  "P-Associated-URI": "",
  "P-Called-Party-ID": "",
  "P-Charge-Info": "",
  "P-Charging-Function-Addresses": "",
  "P-Charging-Vector": "",
  "P-Early-Media": "",
  "P-Media-Authorization": "",
  "P-Preferred-Identity": "",
  "P-Preferred-Service": "",
  "P-Private-Network-Indication": "",
  "P-Profile-Key": "",
  "P-Refused-URI-List": "",
  "P-Served-User": "",
  "P-User-Database": "",
  "P-Visited-Network-ID": "",
  Path: "",
  "Policy-Contact": "",
  "Policy-ID": "",
  Priority: "",
  "Priv-Answer-Mode": "",
  Privacy: "",
  "Proxy-Authenticate": "",
  "Proxy-Authorization": "",
  "Proxy-Require": "",
  RAck: "",
  Reason: "",
  "Record-Route": "",
  "Recv-Info": "",
  "Refer-Sub": "",
  "Refer-To": "r",
  "Referred-By": "b",
  "Reject-Contact": "j",
  Replaces: "",
  "Reply-To": "",
  "Request-Disposition": "d",
  Require: "",
  "Resource-Priority": "",
  "Retry-After": "",
  Route: "",
  RSeq: "",
  "Security-Client": "",
  "Security-Server": "",
  "Security-Verify": "",
  Server: "",
  "Service-Route": "",
  "Session-Expires": "x",
  "Session-ID": "",
  "SIP-ETag": "",
  "SIP-If-Match": "",
  Subject: "s",
  "Subscription-State": "",
  Supported: "k",
  "Target-Dialog": "",
  Timestamp: "",
  To: "t",
  Unsupported: "",
  "User-Agent": "",
  "User-to-User": "",
  Via: "v",
  Warning: "",
  "WWW-Authenticate": "",
} as const;

export type KnownHeader = keyof typeof NAMES;
/** A known name in its one spelling, or any other name in lower case. */
export type HeaderName = KnownHeader | (string & {});

/** All names with a meaning here. */
export const KNOWN_HEADERS: readonly KnownHeader[] = Object.keys(NAMES) as KnownHeader[];

/** The compact form of a name, one letter; undefined where it has none. RFC 3261 §7.3.3. */
export const compactForm = (name: KnownHeader): string | undefined => NAMES[name] || undefined;

/** By a hash of the lower-case spelling; few names share a slot. */
const SLOTS = 1024;
const table: (readonly [spelling: string, name: KnownHeader][])[] = [];
for (const [name, compact] of Object.entries(NAMES)) {
  for (const spelling of compact === "" ? [name] : [name, compact]) {
    const slot = hash(spelling, 0, spelling.length);
    table[slot] = [...(table[slot] ?? []), [spelling.toLowerCase(), name as KnownHeader]];
  }
}
for (let slot = 0; slot < SLOTS; slot++) table[slot] ??= [];

//= RFC 3261 §7.3.3
//# Implementations MUST accept both the long and short forms of each header name.
/**
 * The name that stands in `text` from `start` to `end`: known names in their one spelling
 * whatever the case or compact form on the wire, others in lower case.
 */
export function headerName(text: string, start: number, end: number): HeaderName {
  for (const [spelling, name] of table[hash(text, start, end)] ?? []) {
    if (spelling.length === end - start && matches(text, start, spelling)) return name;
  }
  return text.slice(start, end).toLowerCase();
}

/** Letters lose their case here; what else meets in a slot is told apart by `matches`. */
function hash(text: string, start: number, end: number): number {
  let h = end - start;
  for (let i = start; i < end; i++) h = (h * 31 + (text.charCodeAt(i) | 0x20)) & 0xffff;
  return h & (SLOTS - 1);
}

function matches(text: string, start: number, lowerCase: string): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    const code = text.charCodeAt(start + i);
    const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (lower !== lowerCase.charCodeAt(i)) return false;
  }
  return true;
}
