/**
 * Reading takes steps in proportion to what is read. Steps are counted, not timed: V8 counts how
 * often each block of the library ran (the precise coverage of its profiler), and what a string
 * method or a regular expression looks at is one step an octet.
 */
import { Session } from "node:inspector";
import { afterAll, describe, expect, test } from "vitest";

const session = new Session();
session.connect();
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}
function post(method: string, params: object = {}): Coverage {
  let result: unknown;
  session.post(method, params, (error, value) => {
    if (error) throw error;
    result = value;
  });
  return result as Coverage;
}
// Only what is compiled from here on has counters: the library is imported behind this.
post("Profiler.enable");
post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
const { answerable } = await import("./refusal.ts");
const { parseSipUri } = await import("../uri/sip-uri.ts");
const { parseNameAddr } = await import("../uri/name-addr.ts");
const { parseUri } = await import("../uri/uri.ts");
const { readEssentials } = await import("../message/essentials.ts");
const { frame, startFraming } = await import("../message/framing.ts");
const { HEADERS } = await import("../message/header/registry.ts");
const { elements, headerLines } = await import("../message/headers.ts");
const { parseMessage } = await import("../message/message.ts");
const { parseMultipart } = await import("../message/multipart.ts");
const { parseWebSocketMessage } = await import("../message/web-socket-message.ts");
const { parseXml } = await import("../xml/parse-xml.ts");

/** Steps of string methods. */
let looked = 0;
const text = String.prototype;
const native = { ...Object.getOwnPropertyDescriptors(text) };
const { exec } = RegExp.prototype;

/** Of a search, what was passed over, or everything where nothing was found. */
for (const name of ["indexOf", "includes"] as const) {
  Object.defineProperty(text, name, {
    ...native[name],
    value(this: string, what: string, from = 0) {
      const found = native.indexOf.value?.call(this, what, from) ?? -1;
      looked += 1 + (found < 0 ? Math.max(0, this.length - from) : found - from);
      return name === "indexOf" ? found : found >= 0;
    },
  });
}
/** Of these, all of the string. */
const WHOLE = ["split", "replaceAll", "toLowerCase", "toUpperCase", "lastIndexOf", "trim"] as const;
for (const name of WHOLE) {
  const { value } = native[name];
  Object.defineProperty(text, name, {
    ...native[name],
    value(this: string, ...given: unknown[]) {
      looked += 1 + this.length;
      return Reflect.apply(value as () => unknown, this, given);
    },
  });
}
/** A slice is a view of its parent; only short ones are copied. */
Object.defineProperty(text, "slice", {
  ...native.slice,
  value(this: string, start?: number, end?: number) {
    looked += 13;
    return native.slice.value?.call(this, start, end);
  },
});
/** Of a match, what it holds and was passed over before it; a sticky one passes over nothing. */
RegExp.prototype.exec = function (this: RegExp, given: string) {
  const from = this.global || this.sticky ? this.lastIndex : 0;
  const match = Reflect.apply(exec, this, [given]) as RegExpExecArray | null;
  const end = match ? match.index + match[0].length : this.sticky ? from : given.length;
  looked += 1 + Math.max(0, end - from);
  return match;
};
afterAll(() => {
  Object.defineProperties(text, native);
  RegExp.prototype.exec = exec;
  session.disconnect();
});

/** How many steps this takes in the library. */
function count(read: () => unknown): number {
  looked = 0;
  read();
  const strings = looked;
  // This sets the counters back to zero.
  let blocks = 0;
  for (const { url, functions } of post("Profiler.takePreciseCoverage").result) {
    if (!url.includes("/carillon/src/") || url.includes(".test.")) continue;
    for (const { ranges } of functions) for (const range of ranges) blocks += range.count;
  }
  return blocks + strings;
}

/** More than any reader takes; what is quadratic takes hundreds at this length. */
const STEPS_PER_OCTET = 120;

/** At n and 2n; what is over a limit is given up early, and may cost less. */
function expectLinear(
  make: (times: number) => string,
  read: (text: string) => unknown,
  times = 600,
): void {
  const [once, twice] = [make(times), make(2 * times)];
  post("Profiler.takePreciseCoverage");
  const [first, second] = [count(() => read(once)), count(() => read(twice))];
  expect(second / first, JSON.stringify(once.slice(0, 80))).toBeLessThan(2.5);
  expect(second / twice.length).toBeLessThan(STEPS_PER_OCTET);
}

describe("a reader that goes over everything again and again is caught", () => {
  test("with string methods", () => {
    const quadratic = (text: string) => {
      for (let at = 0; at < text.length; at++) text.indexOf("x", at);
    };
    expect(() => expectLinear((n) => "a".repeat(n), quadratic)).toThrow();
  });

  test("and without", () => {
    // Reading every beginning of a text is quadratic, and no string method sees it.
    const quadratic = (text: string) => {
      for (let end = 0; end < text.length; end += 8) parseSipUri(text.slice(0, end));
    };
    expect(() => expectLinear((n) => `sip:${"a".repeat(n)}`, quadratic)).toThrow();
  });
});

const PIECES = [
  ...[",", ";", "=", '"', "\\", "<", ">", "(", ")", "a", " ", "%", ".", ":", "/", "@", "*", "-"],
  ...["a,", ";a", ";a=1", '"a",', "<a>,", "a ", "\r\n ", "%41", "a=,", '"a" ', "\\\\", "a;", "1."],
  ...["()", "(a)", "<sip:a>", '"<', '<"', "[::", "a@", "::", "a/b ", "\t\r\n\t", "a\r\n b", "="],
];

/** Everything a server or a phone would read of a message that wanted all of it. */
function readAll(octets: string): void {
  frame(startFraming, octets);
  parseWebSocketMessage(octets);
  const message = parseMessage(octets);
  if (!message.ok) return void answerable(octets, message.error);
  readEssentials(message.value);
  if (message.value.kind === "Request") parseUri(message.value.uri);
  for (const name of new Set(message.value.headers.names)) {
    elements(message.value, name);
    const entry = HEADERS[name as keyof typeof HEADERS];
    for (const line of entry ? headerLines(message.value, name) : []) entry.parse(line);
  }
}

/** Where a piece stands in a message, over and over. */
const START = "OPTIONS sip:h SIP/2.0\r\n";
const ESSENTIAL = {
  Via: (x: string) => `Via: SIP/2.0/UDP h;branch=z9hG4bK1${x}\r\n`,
  From: (x: string) => `From: <sip:a@h>;tag=1${x}\r\n`,
  To: (x: string) => `To: ${x}<sip:b@h>\r\n`,
  CallId: (x: string) => `Call-ID: ${x}1@h\r\n`,
  CSeq: (x: string) => `CSeq: 1 ${x}OPTIONS\r\n`,
};
type Essential = keyof typeof ESSENTIAL;
const with_ = (name: Essential | undefined, x: string, more = ""): string =>
  Object.entries(ESSENTIAL)
    .map(([each, line]) => line(each === name ? x : ""))
    .join("") + more;
const PLACES: Readonly<Record<string, (x: string) => string>> = {
  method: (x) => `${x} sip:h SIP/2.0\r\n${with_(undefined, "")}\r\n`,
  uri: (x) => `OPTIONS sip:${x}h SIP/2.0\r\n${with_(undefined, "")}\r\n`,
  phrase: (x) => `SIP/2.0 200 ${x}\r\n${with_(undefined, "")}\r\n`,
  via: (x) => `${START}${with_("Via", x)}\r\n`,
  from: (x) => `${START}${with_("From", x)}\r\n`,
  to: (x) => `${START}${with_("To", x)}\r\n`,
  callId: (x) => `${START}${with_("CallId", x)}\r\n`,
  cseq: (x) => `${START}${with_("CSeq", x)}\r\n`,
  contact: (x) => `${START}${with_(undefined, "", `Contact: <sip:a>${x}\r\n`)}\r\n`,
  route: (x) => `${START}${with_(undefined, "", `Route: <sip:a;lr>${x}\r\n`)}\r\n`,
  name: (x) => `${START}${with_(undefined, "", `X${x}: 1\r\n`)}\r\n`,
  headers: (x) => `${START}${with_(undefined, "", x)}\r\n`,
};
const BETWEEN = [",", ";", '"', "\\", "<sip:a>,", ";a=1", "\r\n ", "(", "a"];

describe("a message with one piece over and over is read in linear steps", () => {
  test.each(Object.keys(PLACES))("in its %s", (place) => {
    const make = PLACES[place]!;
    for (const piece of BETWEEN) expectLinear((n) => make(piece.repeat(n)), readAll);
  });

  // 256 lines are allowed.
  const lines = ["Via: SIP/2.0/UDP a;b=c\r\n", "Route: <a>,<b>\r\n", "l: 0\r\n", "X:\r\n a\r\n"];
  test.each([...lines, "a: b\r\n", 'Contact: "\r\n', "From: <a>\r\n", "Via:\r\n"])("%j", (line) => {
    expectLinear((n) => PLACES["headers"]!(line.repeat(n)), readAll, 110);
  });

  test("and so is what is none", () => {
    for (const start of ["\r\n", "A", " ", "OPTIONS ", ":", "\0", "SIP/2.0 "]) {
      expectLinear((n) => start.repeat(n), readAll);
    }
  });
});

const FRONTS = ["a;b=", '"', "<sip:a>", "a "];

/** One name for each reader. */
const NAMES = ["Via", "From", "Contact", "Route", "Call-Info", "Accept", "Reason", "Warning"];
const MORE = ["User-Agent", "Retry-After", "Identity", "Replaces", "In-Reply-To", "Privacy"];
const REST = ["Authorization", "Authentication-Info", "History-Info", "Accept-Contact", "Date"];
const LAST = ["User-to-User", "Timestamp", "Session-ID", "Subject", "Supported", "Content-ID"];

describe("a header's value that is one piece over and over is read in linear steps", () => {
  test.each([...NAMES, ...MORE, ...REST, ...LAST] as (keyof typeof HEADERS)[])("%s", (name) => {
    const { parse } = HEADERS[name];
    for (const [n, piece] of PIECES.entries()) {
      expectLinear((times) => piece.repeat(times), parse);
      if (n % 4 !== 0) continue;
      const front = FRONTS[(n / 4) % FRONTS.length]!;
      expectLinear((times) => front + piece.repeat(times), parse);
    }
  });
});

test("a URI, an address and a body of parts are, too", () => {
  for (const piece of PIECES) {
    for (const scheme of ["sip:", "sip:a@", "sip:h;", "sip:h?", "tel:+1", "tel:+1;", "urn:"]) {
      expectLinear((n) => scheme + piece.repeat(n), parseUri);
    }
    expectLinear((n) => piece.repeat(n), parseNameAddr);
  }
  const type = { type: "multipart", subtype: "x", params: new Map([["boundary", "b"]]) };
  for (const piece of ["\r\n", "--b", "\r\n--", "\r\n--b", "--b\r\n", "\r\n--b\r\n", "a\r\n\r\n"]) {
    for (const front of ["", "--b\r\n"]) {
      expectLinear(
        (n) => front + piece.repeat(n),
        (body) => parseMultipart(type, body),
      );
    }
  }
});

describe("XML that is one piece over and over is read in linear steps", () => {
  const all = { length: 1e9, depth: 1e9, elements: 1e9, attributes: 1e9, name: 1e9 };
  const pieces = [
    ...["<a>", "<a/>", "<a><b></b></a>", "</a>", "x<b/>", "<", ">", "&", "&amp;", "&#65;", "]]"],
    ...["<!---->", "<!--", "<![CDATA[x]]>", "<![CDATA[", "<?p?>", "<?", "\r", "\r\n", "\n", " "],
    ...[
      "<b xmlns:p='u:1' p:x='1'/>",
      "<b xmlns:p='u:1'>",
      "<!DOCTYPE a>",
      "\xc3\xbc",
      "a",
      "b='' ",
    ],
  ];
  test.each(pieces)("%j", (piece) => {
    for (const front of ["", "<a>", "<a ", '<a b="', "<?xml ", "<"]) {
      expectLinear(
        (n) => front + piece.repeat(n),
        (text) => parseXml(text, all),
      );
    }
  });
});
