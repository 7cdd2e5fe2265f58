import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Incoming, incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { readEssentials } from "../message/essentials.ts";
import { elementSpans } from "../message/headers.ts";
import { parseMessage, type Request, type Response } from "../message/message.ts";
import {
  type GeneratedLine,
  type GeneratedMessage,
  type GeneratedVia,
  lineText,
  MessageGenerator,
  textOf,
} from "../testing/message-generator.ts";
import { seeded } from "../testing/random.ts";
import type { Flow } from "../transport/flow.ts";
import { forwardRequest, forwardResponse } from "./forward.ts";

const RUNS = 4000;
/** On a machine that may have other work. */
const LONG = { timeout: 60_000 };
const REALM = "house.example";
const SOURCE = { host: "203.0.113.4", port: 33_000 };
const udp: Flow = {
  transport: "UDP",
  local: { host: "192.0.2.1", port: 5060 },
  remote: SOURCE,
  connection: 0,
};
const OURS = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn1.1";
const RECORD_ROUTES = ["<sip:n1!x@192.0.2.1:5060;lr>", "<sip:n1!x@192.0.2.2:5060;lr>"];

/** A request in pieces, and what a proxy has to do to each. */
interface Made {
  readonly message: GeneratedMessage;
  readonly topVia: GeneratedVia;
  /** The parameters of the top Via as the transport layer leaves them; undefined: as they are. */
  readonly stamped: readonly Octets[] | undefined;
  readonly maxForwards: number | undefined;
  /** How many Route values lead to us. */
  readonly own: number;
  /** Lines that are not for the next one. */
  readonly secrets: ReadonlySet<GeneratedLine>;
}

function makeRequest(seed: number): Made {
  const g = new MessageGenerator(seeded(seed));
  const [topVia, stamped] = makeTopVia(g);
  const vias = [topVia, ...many(g, 3, () => g.via())];
  const own = g.number(3);
  const routes = [
    ...many(own, own, () => `${g.one(["", '"us, here" '])}<sip:192.0.2.1:5060;lr>`),
    ...many(
      g,
      3,
      () => `<sip:${g.token()}@proxy.example;lr>${g.chance(0.3) ? g.param("x", '","') : ""}`,
    ),
  ];
  const recorded = many(g, 3, (i) => `<sip:before-${i}.example;lr>`);
  const maxForwards = g.chance(0.7) ? 1 + g.number(255) : undefined;
  const breadth = g.chance(0.5) ? g.one(["1", "60", "0007", "61", "9".repeat(40)]) : undefined;
  const secrets = many(g, 3, () => g.one(SECRETS)(g));
  const method = g.one(["INVITE", "MESSAGE", "NEWMETHOD", "BYE"]);
  const message = g.message(`${method} sip:bob@house.example;x=1 SIP/2.0`, [
    g.lines("Via", vias.map(viaText)),
    g.lines("Route", routes),
    g.lines("Record-Route", recorded),
    maxForwards === undefined ? [] : [g.line("Max-Forwards", [String(maxForwards)])],
    breadth === undefined ? [] : [g.line("Max-Breadth", [breadth])],
    [g.line("From", [g.address("sip:alice@house.example", "a1")])],
    [g.line("To", [g.address("sip:bob@house.example", "")])],
    [g.line("Call-ID", [`${g.token()}@x`])],
    [g.line("CSeq", [`${g.number(2 ** 31)}${g.gap()}${method}`])],
    ...secrets.map((line) => [line]),
    ...many(g, 2, () => [g.one(KEPT)(g)]),
  ]);
  return { message, topVia, stamped, maxForwards, own, secrets: new Set(secrets) };
}

/** For this server, or its own assertions: RFC 3261 §22.3, RFC 8898, RFC 3325 §5, §6. */
const SECRETS: readonly ((g: MessageGenerator) => GeneratedLine)[] = [
  (g) => g.line("Proxy-Authorization", [digest(g, REALM)]),
  (g) => g.line("Authorization", [digest(g, REALM)]),
  (g) => g.line("Proxy-Authorization", [`${g.one(["Bearer", "bearer", "BEARER"])} abc.def`]),
  (g) => g.line("Authorization", ["Bearer abc.def"]),
  (g) => g.line("Authorization", ["bEaReR\r\n broken token"]),
  (g) => g.line("Authorization", [": Bearer abc.def"]),
  (g) => g.line("P-Asserted-Identity", ['"Boss" <sip:boss@house.example>', "<tel:+1>"]),
  (g) => g.line("P-Preferred-Identity", ["<sip:boss@house.example>"]),
  (g) => g.line("P-Preferred-Service", ["urn:urn-7:3gpp-service.ims.icsi.mmtel"]),
  (g) => g.line("P-Charging-Vector", ["icid-value=1234bc9876e"]),
  (g) => g.line("P-Served-User", ["<sip:boss@house.example>"]),
];
const KEPT: readonly ((g: MessageGenerator) => GeneratedLine)[] = [
  //= RFC 3261 §22.3
  //# Proxies MUST NOT add values to the Proxy-Authorization header field.
  //= RFC 3261 §22.3
  //# When multiple proxies are used in a chain, a Proxy-Authorization header field value MUST NOT
  //# be consumed by any proxy whose realm does not match the "realm" parameter specified in that
  //# value.
  (g) => g.line("Proxy-Authorization", [digest(g, "elsewhere.example")]),
  (g) => g.line("Authorization", [digest(g, "elsewhere.example")]),
  (g) => g.line("Proxy-Authorization", ["Digest what is this"]),
  (g) => g.line("Contact", ["<sip:alice@203.0.113.4>;expires=60"]),
];
const digest = (g: MessageGenerator, realm: string) =>
  `Digest username="alice",${g.space()}realm="${realm}", nonce="n", uri="sip:x", ` +
  `response="${"0123456789abcdef".repeat(2)}"`;

function makeTopVia(g: MessageGenerator): [GeneratedVia, readonly Octets[] | undefined] {
  const isTrue = g.chance(0.5);
  const via = g.via(isTrue ? g.one(["203.0.113.4", "203.0.113.4:5070"]) : undefined);
  const rport = g.chance(0.5) ? g.param(g.one(["rport", "RPort"]), "") : undefined;
  const lie = g.chance(0.2) ? ";received=198.51.100.66" : undefined;
  const filled = g.chance(0.1) && !rport ? g.param("rport", "9") : undefined;
  const extras = [rport, lie, filled].filter((one) => one !== undefined);
  const params = g.shuffled([...via.params, ...extras]);
  const top = { front: via.front, params };
  if (rport === undefined && lie === undefined && isTrue) return [top, undefined];
  // What is taken out goes with the space behind it.
  const stamped = params
    .map((one, i) => (i > 0 && params[i - 1] === lie ? one.trimStart() : one))
    .filter((one) => one !== lie)
    .map((one) => (one.trimStart() === rport?.trimStart() ? `${one}=${SOURCE.port}` : one));
  return [top, [...stamped, `;received=${SOURCE.host}`]];
}

function many<T>(g: MessageGenerator | number, most: number, make: (i: number) => T): T[] {
  const count = typeof g === "number" ? g : g.number(most + 1);
  return Array.from({ length: count }, (_, i) => make(i));
}

const viaText = ({ front, params }: GeneratedVia) => `${front}${params.join("")}`;

interface Ours {
  readonly uri: Octets;
  readonly via: Octets;
  readonly recordRoutes: readonly Octets[];
  readonly breadth: number;
  readonly stream: boolean;
}

/** What has to come out, piece by piece, by the texts of RFC 3261 §16.6 and RFC 5393 alone. */
function expected(made: Made, ours: Ours): Octets {
  const { lines, body, start } = made.message;
  const [method] = start.split(" ");
  const out: Octets[] = [`${method} ${ours.uri} SIP/2.0`];
  const firstVia = lines.findIndex(({ name }) => name === "Via");
  const firstRoute = lines.findIndex(({ name }) => name === "Record-Route");
  const recordAt = firstRoute < 0 ? firstVia : Math.min(firstVia, firstRoute);
  let own = made.own;
  for (const [i, line] of lines.entries()) {
    if (i === recordAt && i !== firstVia) out.push(...ours.recordRoutes.map(recordRoute));
    if (i === firstVia) {
      out.push(`Via: ${ours.via}`);
      if (recordAt === firstVia) out.push(...ours.recordRoutes.map(recordRoute));
      if (made.maxForwards === undefined) out.push("Max-Forwards: 70");
      if (!lines.some(({ name }) => name === "Max-Breadth")) {
        out.push(`Max-Breadth: ${ours.breadth}`);
      }
    }
    const left = line.name === "Route" ? Math.min(own, line.values.length) : 0;
    own -= left;
    const isBreadth = line.name === "Max-Breadth";
    const now = isBreadth ? { ...line, values: [String(ours.breadth)] } : line;
    const text = changed(made, now, i === firstVia, left);
    if (text !== undefined) out.push(text);
  }
  const hasLength = lines.some(({ name }) => name === "Content-Length");
  if (ours.stream && !hasLength) out.push(`Content-Length: ${body.length}`);
  return `${out.join("\r\n")}\r\n\r\n${body}`;
}

function changed(made: Made, line: GeneratedLine, isTop: boolean, ownRoutes: number) {
  if (made.secrets.has(line)) return undefined;
  if (isTop && made.stamped) {
    const { front } = made.topVia;
    const values = [`${front}${made.stamped.join("")}`, ...line.values.slice(1)];
    return lineText({ ...line, values });
  }
  if (line.name === "Max-Forwards")
    return lineText({ ...line, values: [String(Math.min(70, made.maxForwards ?? 0) - 1)] });
  if (ownRoutes === 0) return lineText(line);
  if (ownRoutes === line.values.length) return undefined;
  const [values, commas] = [line.values.slice(ownRoutes), line.commas.slice(ownRoutes)];
  return lineText({ ...line, values, commas });
}

const recordRoute = (value: Octets) => `Record-Route: ${value}`;

function received(text: Octets): Incoming {
  const message = parseMessage(text);
  if (!message.ok) throw new Error(`${message.error.message}: ${JSON.stringify(text)}`);
  const essentials = readEssentials(message.value);
  if (!essentials.ok) throw new Error(`${essentials.error.message}: ${JSON.stringify(text)}`);
  if (message.value.kind !== "Request") throw new Error("not a request");
  return incoming(message.value, essentials.value, udp);
}

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe("RFC 3261 §16.6: a request that is forwarded", () => {
  //= RFC 3261 §16.6
  //# The copy MUST initially contain all of the header fields from the received request. Fields not
  //# detailed in the processing described below MUST NOT be removed. The copy SHOULD maintain the
  //# ordering of the header fields as in the received request. The proxy MUST NOT reorder field
  //# values with a common field name (See Section 7.3.1). The proxy MUST NOT add to, modify, or
  //# remove the message body.
  //= RFC 3261 §16.6
  //# The Request-URI in the copy's start line MUST be replaced with the URI for this target.
  //= RFC 3261 §16.6
  //# If the copy contains a Max-Forwards header field, the proxy MUST decrement its value by one
  //# (1).
  //= RFC 3261 §16.6
  //# If the copy does not contain a Max-Forwards header field, the proxy MUST add one with a field
  //# value, which SHOULD be 70.
  //= RFC 5393 §5.3.3
  //# All proxied requests MUST contain a single Max-Breadth header field value.
  //= RFC 3261 §16.6
  //# If this proxy wishes to remain on the path of future requests in a dialog created by this
  //# request (assuming the request creates a dialog), it MUST insert a Record-Route header field
  //# value into the copy before any existing Record-Route header field values, even if a Route
  //# header field is already present.
  //= RFC 5393 §4.2.1
  //# The proxy MUST insert a Via header field value into the copy before the existing Via header
  //# field values.
  //= RFC 3261 §16.6
  //# The proxy MUST insert a Via header field value into the copy before the existing Via header
  //# field values.
  //= RFC 3261 §16.6
  //# If the request will be sent to the next hop using a stream-based transport and the copy
  //# contains no Content-Length header field, the proxy MUST insert one with the correct value for
  //# the body of the request (see Section 20.14).
  //= RFC 3261 §16.4
  //# If the first value in the Route header field indicates this proxy, the proxy MUST remove that
  //# value from the request.
  test("comes out octet for octet but for what is a proxy's to change", LONG, () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), fc.boolean(), (seed, stream, records) => {
        const made = makeRequest(seed);
        const from = received(textOf(made.message));
        const routes = elementSpans(from.request, "Route");
        const how = {
          uri: "sip:bob@203.0.113.9:5062;ob",
          via: OURS,
          breadth: 1 + (seed % 60),
          recordRoutes: records ? RECORD_ROUTES : [],
          stream,
        };
        const usedRoutes = routes.ok ? routes.value.slice(0, made.own) : [];
        const out = forwardRequest(from, { ...how, usedRoutes, realm: REALM });
        expect(out).toBe(expected(made, how));
      }),
      { numRuns: RUNS },
    );
  });

  test("can be read by the next one as it was read here", LONG, () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const made = makeRequest(seed);
        const from = received(textOf(made.message));
        const { uri } = from.request;
        const out = forwardRequest(from, { uri, via: OURS, breadth: 60, realm: REALM });
        const next = received(out);
        const { callId, cseq, fromTag, toTag } = from.essentials;
        expect(next.essentials).toMatchObject({ callId, cseq, fromTag, toTag });
        expect(next.essentials.via.branch).toBe("z9hG4bKn1.1");
        expect(next.request.body).toBe(from.request.body);
      }),
      { numRuns: 500 },
    );
  });
});

interface MadeResponse {
  readonly message: GeneratedMessage;
  readonly vias: number;
}

function makeResponse(seed: number): MadeResponse {
  const g = new MessageGenerator(seeded(seed));
  const vias = [g.via("192.0.2.1:5060"), ...many(g, 3, () => g.via())];
  const message = g.message(
    `SIP/2.0 ${g.one([180, 200, 404, 603])} ${g.one(["OK", "", "Na, so was"])}`,
    [
      g.lines("Via", vias.map(viaText)),
      g.lines(
        "Record-Route",
        many(g, 3, (i) => `<sip:before-${i}.example;lr>`),
      ),
      [g.line("From", [g.address("sip:alice@house.example", "a1")])],
      [g.line("To", [g.address("sip:bob@house.example", "b1")])],
      [g.line("Call-ID", [`${g.token()}@x`])],
      [g.line("CSeq", [`1${g.gap()}INVITE`])],
      many(g, 1, () => g.line("P-Asserted-Identity", ["<sip:boss@house.example>"])),
    ],
  );
  return { message, vias: vias.length };
}

function expectedResponse({ message }: MadeResponse, stream: boolean): Octets {
  const { start, lines, body } = message;
  const top = lines.findIndex(({ name }) => name === "Via");
  const out = lines.flatMap((line, i) => {
    if (line.name === "P-Asserted-Identity" || (i === top && line.values.length === 1)) return [];
    const rest = { ...line, values: line.values.slice(1), commas: line.commas.slice(1) };
    return [lineText(i === top ? rest : line)];
  });
  const hasLength = lines.some(({ name }) => name === "Content-Length");
  if (stream && !hasLength) out.push(`Content-Length: ${body.length}`);
  return `${[start, ...out].join("\r\n")}\r\n\r\n${body}`;
}

//= RFC 3261 §7.1
//# The SIP-Version string is case-insensitive, but implementations MUST send upper-case.
test("RFC 3261 §7.1: a version in lower case goes on in upper case", () => {
  const headers =
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn1.1\r\nv: SIP/2.0/UDP b;branch=z9hG4bK2\r\n" +
    "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n\r\n";
  const read = (start: string) => {
    const message = parseMessage(`${start}\r\n${headers}`);
    const essentials = message.ok ? readEssentials(message.value) : message;
    if (!message.ok || !essentials.ok) throw new Error(start);
    return { message: message.value, essentials: essentials.value };
  };
  for (const version of ["sip/2.0", "Sip/2.0", "SIP/2.0"]) {
    const { message, essentials } = read(`MESSAGE sip:b@h ${version}`);
    const from = incoming(message as Request, essentials, udp);
    const how = { uri: "sip:b@there", via: OURS, breadth: 60, realm: REALM };
    expect(forwardRequest(from, how)).toMatch(/^MESSAGE sip:b@there SIP\/2\.0\r\n/);
    const response = read(`${version} 200 sip/2.0`);
    const out = forwardResponse(response.message as Response, response.essentials.via);
    expect(out).toMatch(/^SIP\/2\.0 200 sip\/2\.0\r\n/);
  }
});

describe("RFC 3261 §16.7: a response that is forwarded", () => {
  //= RFC 3261 §16.7
  //# The proxy removes the topmost Via header field value from the response.
  //= RFC 3261 §16.7
  //# If no Via header field values remain in the response, the response was meant for this element
  //# and MUST NOT be forwarded.
  //= RFC 3261 §16.7
  //# The proxy MUST NOT add to, modify, or remove the message body. Unless otherwise specified, the
  //# proxy MUST NOT remove any header field values other than the Via header field value discussed
  //# in Section 16.7 Item 3. In particular, the proxy MUST NOT remove any "received" parameter it
  //# may have added to the next Via header field value while processing the request associated with
  //# this response.
  //= RFC 3261 §16.7
  //# A proxy MUST NOT insert a tag into the To header field of a 1xx or 2xx response if the request
  //# did not contain one. A proxy MUST NOT modify the tag in the To header field of a 1xx or 2xx
  //# response.
  //= RFC 3261 §16.7
  //# A proxy MUST NOT modify the To tag in any forwarded response to a request that contains a To
  //# tag.
  test("comes out octet for octet but for our Via", LONG, () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, stream) => {
        const made = makeResponse(seed);
        const text = textOf(made.message);
        const message = parseMessage(text);
        if (!message.ok) throw new Error(`${message.error.message}: ${JSON.stringify(text)}`);
        const response = message.value as Response;
        const essentials = readEssentials(response);
        if (!essentials.ok) throw new Error(essentials.error.message);
        const out = forwardResponse(response, essentials.value.via, { stream });
        expect(out).toBe(made.vias === 1 ? undefined : expectedResponse(made, stream));
      }),
      { numRuns: RUNS },
    );
  });
});
