/** Header names as the RFCs spell them, and how they are recognised on the wire. */

/** Names with a meaning here, each with its compact form if it has one. RFC 3261 §7.3.3, §20. */
const NAMES = {
  Accept: "",
  "Accept-Encoding": "",
  "Accept-Language": "",
  "Alert-Info": "",
  Allow: "",
  "Allow-Events": "u",
  "Authentication-Info": "",
  Authorization: "",
  "Call-ID": "i",
  "Call-Info": "",
  Contact: "m",
  "Content-Disposition": "",
  "Content-Encoding": "e",
  "Content-Language": "",
  "Content-Length": "l",
  "Content-Type": "c",
  CSeq: "",
  Date: "",
  "Error-Info": "",
  Event: "o",
  Expires: "",
  From: "f",
  "In-Reply-To": "",
  "Max-Forwards": "",
  "MIME-Version": "",
  "Min-Expires": "",
  Organization: "",
  "P-Asserted-Identity": "",
  "P-Preferred-Identity": "",
  Path: "",
  Priority: "",
  "Proxy-Authenticate": "",
  "Proxy-Authorization": "",
  "Proxy-Require": "",
  Reason: "",
  "Record-Route": "",
  "Reply-To": "",
  Require: "",
  "Retry-After": "",
  Route: "",
  Server: "",
  "Session-Expires": "x",
  Subject: "s",
  Supported: "k",
  Timestamp: "",
  To: "t",
  Unsupported: "",
  "User-Agent": "",
  Via: "v",
  Warning: "",
  "WWW-Authenticate": "",
} as const;

export type KnownHeader = keyof typeof NAMES;
/** A known name in its one spelling, or any other name in lower case. */
export type HeaderName = KnownHeader | (string & {});

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
