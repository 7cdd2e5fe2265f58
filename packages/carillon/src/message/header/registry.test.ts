/** Every header of the registry: what is written is read back, whatever it says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KNOWN_HEADERS, type KnownHeader } from "../header-name.ts";
import { parseOpaque } from "./opaque.ts";
import { HEADERS, headerEntry } from "./registry.ts";

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,8}$/);
const word = fc.stringMatching(/^[a-z0-9-]{1,6}$/);
const octets = fc
  .uint8Array({ minLength: 1, maxLength: 8 })
  .map((bytes) => String.fromCharCode(...bytes).replace(/[\0\r\n]/g, "x"));
const sentence = fc
  .string({ unit: "grapheme", maxLength: 12 })
  .map((text) => text.replace(/[\0\r\n]/g, ""));
const trimmedText = sentence.map((text) => text.trim());
const names = fc.constantFrom("x-a", "b", "__proto__", "constructor", "tostring");
const params = fc
  .array(fc.tuple(names, fc.oneof(octets, fc.constant(""), token)), { maxLength: 3 })
  .map((list) => new Map(list));
const uri = fc.constantFrom(
  ...["sip:a@h;lr?x=%3C", "sips:[::1]:5061", "tel:+1-2", "urn:a:b", "https://h/a,b;c"],
);
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const hops = fc.integer({ min: 0, max: 255 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
const many = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });

const tokenParams = fc.record({ token, params });
const address = fc.record({ displayName: sentence, uri, params });
const uriParams = fc.record({ uri, params });
const media = fc.record({ type: word, subtype: word, params });
const commaParams = fc
  .array(fc.tuple(names, octets), { maxLength: 3 })
  .map((list) => new Map(list));
const auth = fc.oneof(
  fc.record({ scheme: token, token68: fc.constant(undefined), params: commaParams }),
  fc.record({
    scheme: token,
    token68: fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,9}={0,2}$/),
    params: fc.constant(new Map()),
  }),
);
const callId = fc.oneof(
  token,
  fc.tuple(token, token).map(([a, b]) => `${a}@"<${b}>`),
);
const product = fc.oneof(
  fc.record({ kind: fc.constant("Product"), name: token, version: maybe(token) }),
  fc.record({
    kind: fc.constant("Comment"),
    raw: fc.constantFrom("", "a (b) c", "\\) \\\\", "x/1"),
  }),
);
const resource = fc.record({ namespace: word, priority: word });
const answerMode = fc.record({ mode: token, require: fc.boolean(), params });
const cseq = fc.record({ number: fc.integer({ min: 0, max: 2 ** 31 - 1 }), method: token });
const index = some(fc.integer({ min: 1, max: 99 })).map((numbers) => numbers.join("."));
const tag = token;
const uuid = fc.stringMatching(/^[0-9a-f]{32}$/);
const rseq = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const identities = fc.oneof(
  fc.tuple(fc.record({ displayName: sentence, uri: fc.constant("tel:+1"), params })),
  fc.tuple(
    fc.record({ displayName: sentence, uri: fc.constant("sip:a@h"), params }),
    fc.record({ displayName: sentence, uri: fc.constant("TEL:+1"), params }),
  ),
);
const services = some(fc.constantFrom("urn:urn-7:3gpp-service.ims.icsi.mmtel", "URN:a:b"));
const opaque = octets.map((text) => text.trim());
const dateMs = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }).map((s) => s * 1000);
const timestamp = fc.record({
  sent: fc.stringMatching(/^[0-9]{1,5}(\.[0-9]{0,3})?$/),
  delay: maybe(fc.stringMatching(/^(\.[0-9]{0,3}|[0-9]{1,3}(\.[0-9]{0,2})?)$/)),
});
const retryAfter = fc.record({
  seconds,
  comment: maybe(fc.constantFrom("", "in a meeting", "a (b (c))")),
  durationSeconds: maybe(seconds),
  params,
});
const featureSet = params;
const codedError = fc.record({
  code: fc.integer({ min: 0, max: 999 }),
  text: maybe(sentence),
  params,
});

const VALUES: Record<KnownHeader, fc.Arbitrary<unknown>> = {
  Accept: many(media),
  "Accept-Contact": some(
    fc.record({ features: featureSet, require: fc.boolean(), explicit: fc.boolean() }),
  ),
  "Accept-Encoding": many(tokenParams),
  "Accept-Language": many(tokenParams),
  "Accept-Resource-Priority": many(resource),
  "Alert-Info": some(uriParams),
  "AlertMsg-Error": codedError,
  Allow: many(token),
  "Allow-Events": some(token),
  "Answer-Mode": answerMode,
  "Authentication-Info": commaParams.filter((map) => map.size > 0),
  Authorization: auth,
  "Call-ID": callId,
  "Call-Info": some(uriParams),
  Contact: fc.oneof(fc.constant("*"), some(address)),
  "Content-Disposition": tokenParams,
  "Content-Encoding": some(token),
  "Content-ID": fc.tuple(word, word).map(([left, right]) => `${left}@${right}`),
  "Content-Language": some(token),
  "Content-Length": fc.integer({ min: 0, max: 65_535 }),
  "Content-Type": media,
  CSeq: cseq,
  Date: dateMs,
  Diversion: some(
    fc.record({
      displayName: sentence,
      uri,
      reason: maybe(token),
      counter: maybe(fc.integer({ min: 0, max: 99 })),
      limit: maybe(fc.integer({ min: 0, max: 99 })),
      privacy: maybe(token),
      screen: maybe(octets),
      params,
    }),
  ),
  "Error-Info": some(uriParams),
  Event: fc.record({ type: token, id: maybe(token), params }),
  Expires: seconds,
  "Feature-Caps": some(featureSet),
  "Flow-Timer": seconds,
  From: address,
  Geolocation: some(uriParams),
  "Geolocation-Error": codedError,
  "Geolocation-Routing": fc.record({ word, value: fc.oneof(fc.constant(""), octets) }),
  "History-Info": some(
    fc.record({
      displayName: sentence,
      uri,
      index,
      target: maybe(fc.record({ kind: fc.constantFrom("rc", "mp", "np"), index })),
      params,
    }),
  ),
  Identity: fc.record({
    digest: fc.stringMatching(/^[A-Za-z0-9/+.=_-]{1,20}$/),
    info: uri,
    alg: maybe(token),
    ppt: maybe(token),
    params,
  }),
  "Identity-Info": opaque,
  "In-Reply-To": some(callId),
  "Info-Package": tokenParams,
  Join: fc.record({ callId, toTag: tag, fromTag: tag, params }),
  "Max-Breadth": seconds,
  "Max-Forwards": hops,
  "MIME-Version": fc.record({ major: hops, minor: hops }),
  "Min-Expires": seconds,
  "Min-SE": fc.record({ seconds, params }),
  Organization: trimmedText,
  "P-Access-Network-Info": opaque,
  "P-Answer-State": opaque,
  "P-Asserted-Identity": identities,
  "P-Asserted-Service": services,
  "P-Associated-URI": opaque,
  "P-Called-Party-ID": opaque,
  "P-Charge-Info": opaque,
  "P-Charging-Function-Addresses": opaque,
  "P-Charging-Vector": opaque,
  "P-DCS-Billing-Info": opaque,
  "P-DCS-LAES": opaque,
  "P-DCS-OSPS": opaque,
  "P-DCS-Redirect": opaque,
  "P-DCS-Trace-Party-ID": opaque,
  "P-Early-Media": many(token),
  "P-Media-Authorization": opaque,
  "P-Preferred-Identity": identities,
  "P-Preferred-Service": services,
  "P-Private-Network-Indication": opaque,
  "P-Profile-Key": opaque,
  "P-Refused-URI-List": opaque,
  "P-Served-User": opaque,
  "P-User-Database": opaque,
  "P-Visited-Network-ID": opaque,
  Path: some(address),
  "Permission-Missing": some(address),
  "Policy-Contact": some(uriParams),
  "Policy-ID": some(address),
  Priority: token,
  "Priv-Answer-Mode": answerMode,
  Privacy: some(token),
  "Proxy-Authenticate": auth,
  "Proxy-Authorization": auth,
  "Proxy-Require": some(token),
  RAck: fc.record({ rseq, cseq }),
  Reason: some(
    fc.record({
      protocol: token,
      cause: maybe(fc.integer({ min: 0, max: 999 })),
      text: maybe(sentence),
      params,
    }),
  ),
  "Record-Route": some(address),
  "Recv-Info": many(tokenParams),
  "Refer-Sub": fc.record({ wanted: fc.boolean(), params }),
  "Refer-To": address,
  "Referred-By": fc.record({ displayName: sentence, uri, cid: maybe(octets), params }),
  "Reject-Contact": some(featureSet),
  Replaces: fc.record({ callId, toTag: tag, fromTag: tag, earlyOnly: fc.boolean(), params }),
  "Reply-To": address,
  "Request-Disposition": some(token),
  Require: some(token),
  "Resource-Priority": some(resource),
  "Retry-After": retryAfter,
  Route: some(address),
  RSeq: rseq,
  "Security-Client": some(tokenParams),
  "Security-Server": some(tokenParams),
  "Security-Verify": some(tokenParams),
  Server: some(product),
  "Service-Route": some(address),
  "Session-Expires": fc.record({
    seconds,
    refresher: maybe(fc.constantFrom("uac", "uas")),
    params,
  }),
  "Session-ID": fc.record({ local: uuid, remote: maybe(uuid), params }),
  "SIP-ETag": token,
  "SIP-If-Match": token,
  Subject: trimmedText,
  "Subscription-State": fc.record({
    state: word,
    reason: maybe(token),
    expiresSeconds: maybe(seconds),
    retryAfterSeconds: maybe(seconds),
    params,
  }),
  Supported: many(token),
  "Target-Dialog": fc.record({ callId, localTag: maybe(tag), remoteTag: maybe(tag), params }),
  Timestamp: timestamp,
  To: address,
  "Trigger-Consent": some(
    fc.record({ uri: fc.constantFrom("sip:a@h", "sips:[::1]:5061"), targetUri: uri, params }),
  ),
  Unsupported: some(token),
  "User-Agent": some(product),
  "User-to-User": some(
    fc.record({
      data: octets,
      purpose: maybe(token),
      content: maybe(token),
      encoding: maybe(token),
      params,
    }),
  ),
  Via: some(
    fc.record({
      transport: fc.constantFrom("UDP", "WSS", "X-NEW"),
      host: fc.constantFrom("a.example", "192.0.2.1", "2001:db8::1"),
      port: maybe(fc.integer({ min: 0, max: 65_535 })),
      params,
    }),
  ),
  Warning: some(
    fc.record({
      code: fc.integer({ min: 100, max: 999 }),
      agent: fc.constantFrom("h", "h:5060", "[::1]:1", "pseudonym!"),
      text: sentence,
    }),
  ),
  "WWW-Authenticate": auth,
};

//= RFC 3261 §7.3.1
//# the above are all valid and equivalent, but the last is the preferred form.
describe("parse(format(x)) = x", () => {
  test.each(KNOWN_HEADERS)("%s", (name) => {
    const { parse, format } = HEADERS[name];
    fc.assert(
      fc.property(VALUES[name], (value) => {
        const text = format(value);
        expect(text).not.toMatch(/[\0\r\n]/);
        expect(parse(text)).toEqual({ ok: true, value });
      }),
      { numRuns: 60 },
    );
  });
});

/** Hostile pieces for the places where something is cut or put in. */
const PIECES = [
  "",
  '"',
  "\\",
  "<",
  ">",
  ",",
  ";",
  "=",
  "(",
  ")",
  "*",
  "@",
  " ",
  "\t",
  "\r\n ",
  "\0",
];

describe("whatever is done to a value, it is read or refused, and what is read stays so", () => {
  test.each(KNOWN_HEADERS)("%s", (name) => {
    const { parse, format } = HEADERS[name];
    const mutation = fc.tuple(fc.nat(1000), fc.nat(3), fc.constantFrom(...PIECES));
    const mutated = fc
      .tuple(VALUES[name], fc.array(mutation, { minLength: 1, maxLength: 4 }))
      .map(([value, mutations]) =>
        mutations.reduce((text, [at, length, piece]) => {
          const start = Math.floor((at * text.length) / 1000);
          return text.slice(0, start) + piece + text.slice(start + length);
        }, format(value)),
      );
    fc.assert(
      fc.property(mutated, (text) => {
        const first = parse(text);
        if (!first.ok) {
          expect(first.error).toMatchObject({ status: 400 });
          return;
        }
        const again = written(() => format(first.value));
        if (again !== undefined) expect(parse(again)).toEqual(first);
      }),
      { numRuns: 150 },
    );
  });
});

/** What was written, or undefined where the value holds what cannot be: a quoted NUL. */
function written(format: () => string): string | undefined {
  try {
    return format();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}

/** Whether its values are only kept. */
const isOpaque = (name: KnownHeader): boolean => HEADERS[name].parse === parseOpaque;

describe("the table", () => {
  test("knows no header that is called after what every object has", () => {
    for (const name of ["constructor", "toString", "__proto__", "x-unknown", "via"]) {
      expect(headerEntry(name)).toBeUndefined();
    }
    expect(headerEntry("Via")).toBe(HEADERS.Via);
  });

  test("RFC 3261 §20: has a reader and a writer for every section, and for what came later", () => {
    const sources = KNOWN_HEADERS.filter((name) => !isOpaque(name)).map((n) => HEADERS[n].rfc);
    for (let section = 1; section <= 44; section++) {
      expect(sources).toContain(`RFC 3261 §20.${section}`);
    }
    const later = new Set(sources.map((source) => source.split(" ", 2).join(" ")));
    const extensions = [
      ...[3262, 3323, 3325, 3326, 3327, 3329, 3515, 3608, 3841, 3891, 3892, 3903, 3911, 4028],
      ...[4412, 4488, 4538, 5009, 5360, 5373, 5393, 5626, 5806, 6050, 6086, 6442, 6665, 6794],
      ...[6809, 7044, 7433, 7989, 8224, 8262, 8876],
    ];
    for (const rfc of extensions) expect(later).toContain(`RFC ${rfc}`);
  });

  test("says who defines each header, and how often it may stand in a message", () => {
    for (const name of KNOWN_HEADERS) {
      expect(HEADERS[name].rfc).toMatch(/^RFC \d{4}( §[\d.]+)?$/);
    }
    const once = KNOWN_HEADERS.filter((name) => HEADERS[name].repeats === "never");
    for (const name of ["From", "To", "Call-ID", "CSeq", "Content-Length", "Max-Forwards"]) {
      expect(once).toContain(name);
    }
  });

  //= RFC 3261 §7.3.1
  //# The exceptions to this rule are the WWW-Authenticate, Authorization, Proxy-Authenticate, and
  //# Proxy-Authorization header fields.
  test("RFC 3261 §7.3.1: the headers of authentication are never joined", () => {
    for (const name of [
      "WWW-Authenticate",
      "Authorization",
      "Proxy-Authenticate",
      "Proxy-Authorization",
    ] as const) {
      expect(HEADERS[name].repeats).toBe("rows");
    }
  });
});
