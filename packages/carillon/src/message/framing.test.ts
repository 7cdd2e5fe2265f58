import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_HEADER_SECTION, MAX_MESSAGE } from "../grammar/limits.ts";
import { type Frame, type Framing, frame, isWaiting, startFraming } from "./framing.ts";

const head = (length: string | undefined, start = "MESSAGE sip:b SIP/2.0") =>
  `${start}\r\nVia: SIP/2.0/TCP a\r\n${length === undefined ? "" : `${length}\r\n`}\r\n`;
const withBody = (body: string) => head(`Content-Length: ${body.length}`) + body;

/** What comes out when the octets come in these pieces. */
function feed(...pieces: string[]): { frames: Frame[]; state: Framing } {
  let state = startFraming;
  const all: Frame[] = [];
  for (const piece of pieces) {
    const [next, ...frames] = frame(state, piece);
    state = next;
    all.push(...frames);
  }
  return { frames: all, state };
}
const line = (each: Frame) => {
  if (each.kind === "Message") return each.text;
  return each.kind === "Error" ? `Error ${each.error.code} ${each.error.status}` : each.kind;
};
const outcome = (...pieces: string[]) => feed(...pieces).frames.map(line);

describe("RFC 3261 §18.3: messages on a stream", () => {
  const [one, two] = [withBody("hello"), withBody("")];

  test("end where Content-Length says", () => {
    expect(outcome(one + two + one)).toEqual([one, two, one]);
    expect(outcome(one, two)).toEqual([one, two]);
  });

  test("wait for what is missing", () => {
    const { frames, state } = feed(one.slice(0, -1));
    expect(frames).toEqual([]);
    expect(state).toMatchObject({ name: "Body", size: one.length });
    expect([isWaiting(state), isWaiting(startFraming)]).toEqual([true, false]);
    expect(isWaiting(feed("M").state)).toBe(true);
  });

  test("may be cut anywhere", () => {
    const stream = `${one}\r\n\r\n${two}\r\n${one}`;
    const whole = outcome(stream);
    expect(whole).toEqual([one, "Pong", "Pong", "Ping", two, "Pong", one]);
    expect(outcome(...stream)).toEqual(whole);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(outcome(stream.slice(0, cut), stream.slice(cut))).toEqual(whole);
    }
  });

  test("with a compact, folded or spaced Content-Length are the same messages", () => {
    for (const name of ["l: 5", "CONTENT-LENGTH \t: 5", "l:\r\n 5", "l: 005"]) {
      const message = `${head(name)}hello`;
      expect(outcome(message + two)).toEqual([message, two]);
    }
  });
});

//= RFC 3261 §18.3
//# The Content-Length header field MUST be used with stream oriented transports.
describe("a length that two readers could read differently closes the connection", () => {
  const smuggled = withBody("smuggled");
  const big = ["2147483648", "4294967328", "9007199254740993", "99999999999999999999", "65536"];
  const odd = ["-1", "+5", "0x5", "5 5", "5,5", "5;a", "5.0", "1e1", "", "5\t5", "٥", '"5"', "5a"];
  const lines = [undefined, ...[...big, ...odd].map((text) => `Content-Length: ${text}`)];
  const doubled = ["5\r\nl: 5", "5\r\nContent-Length: 6", "0\r\nCONTENT-LENGTH: 5"];

  test.each([...lines, ...doubled.map((text) => `Content-Length: ${text}`)])("%j", (length) => {
    const [state, ...frames] = frame(startFraming, head(length) + smuggled);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ kind: "Error", error: { status: 400 }, text: head(length) });
    expect(state.name).toBe("Closed");
    expect(frame(state, smuggled)).toEqual([{ name: "Closed" }]);
  });

  test("and so do headers that two readers could read differently", () => {
    const l = "Content-Length: 0";
    for (const bad of [`X\r\n${l}`, `X: a\nl: 5\r\n${l}`, `X: \0\r\n${l}`, `: a\r\n${l}`]) {
      expect(outcome(head(bad) + smuggled)).toEqual(["Error bad-header 400"]);
    }
  });

  //= RFC 3261 §7.4.2
  //# The "chunked" transfer encoding of HTTP/1.1 MUST NOT be used for SIP.
  test("RFC 3261 §7.4.2: chunks are none: Content-Length alone says where a message ends", () => {
    const chunked = "Transfer-Encoding: chunked";
    expect(outcome(`${head(chunked)}5\r\nhello\r\n0\r\n\r\n`)).toEqual([
      "Error bad-content-length 400",
    ]);
    const counted = `${head(`${chunked}\r\nContent-Length: 3`)}5\r\n`;
    expect(outcome(counted + smuggled)).toEqual([counted, smuggled]);
  });

  test("a bad start line does not: it ends where its message ends", () => {
    const bad = head("l: 0", "MESSAGE sip:a b SIP/2.0 ");
    expect(outcome(bad + smuggled)).toEqual([bad, smuggled]);
  });

  test("a CR between messages that ends no line does", () => {
    expect(outcome("\rX")).toEqual(["Error bad-start-line 400"]);
    expect(outcome("\r\n\r", "X", smuggled)).toEqual(["Pong", "Error bad-start-line 400"]);
  });
});

describe("limits", () => {
  const padded = (octets: number) => {
    const rest = head("Content-Length: 0\r\nX: ").length;
    return head(`Content-Length: 0\r\nX: ${"x".repeat(octets - rest)}`);
  };

  test(`headers that do not end within ${MAX_HEADER_SECTION} octets are not waited for`, () => {
    const endless = `${head("l: 0").slice(0, -2)}X: ${"x".repeat(2 * MAX_HEADER_SECTION)}`;
    expect(outcome(endless)).toEqual(["Error too-large 513"]);
    expect(outcome(...endless)).toEqual(["Error too-large 513"]);
    expect(outcome("x".repeat(100_000))).toMatchObject([/^Error/]);
  });

  test("are the same however the octets come", () => {
    for (let octets = MAX_HEADER_SECTION - 6; octets < MAX_HEADER_SECTION + 10; octets++) {
      const message = padded(octets);
      expect(message).toHaveLength(octets);
      expect([octets, outcome(...message)]).toEqual([octets, outcome(message)]);
    }
    expect(outcome(padded(MAX_HEADER_SECTION))).toEqual([padded(MAX_HEADER_SECTION)]);
    expect(outcome(padded(MAX_HEADER_SECTION + 9))).toEqual(["Error too-large 513"]);
  });

  test(`a message over ${MAX_MESSAGE} octets is refused before its body comes`, () => {
    const fits = MAX_MESSAGE - head("Content-Length: 65000").length;
    expect(feed(head(`Content-Length: ${fits}`)).state.name).toBe("Body");
    expect(outcome(head(`Content-Length: ${fits + 1}`))).toEqual(["Error too-large 513"]);
  });
});

//= RFC 5626 §4.4.1
//# For this mechanism, the client "ping" is a double-CRLF sequence, and the server "pong" is a
//# single CRLF
test("RFC 5626 §4.4.1: line ends between messages are pings and pongs", () => {
  expect(outcome("\r\n")).toEqual(["Pong"]);
  // Two line ends are two pongs to whoever has pinged, and a ping to whoever has not.
  const both = ["Pong", "Pong", "Ping"];
  expect(outcome("\r\n\r\n\r\n\r\n")).toEqual([...both, ...both]);
  expect(outcome("\r", "\n", "\r", "\n")).toEqual(both);
});

test("whatever comes, and however it is cut, the same frames come out", () => {
  const piece = fc.constantFrom(
    ...[withBody(""), withBody("abc\r\n\r\n"), "\r\n", "\r\n\r\n", head("l: 5"), head(undefined)],
    ...["\r", "\n", "x", "l: 3\r\n", "Content-Length: 2", "\0", " ", ":"],
  );
  const stream = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 6 }), (text, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b)];
      const pieces = places.map((place, i) => text.slice(place, places[i + 1] ?? text.length));
      expect(outcome(...pieces)).toEqual(outcome(text));
    }),
    { numRuns: 500 },
  );
});

test("octets that come one by one cost no more than twice as many would", () => {
  const body = "b".repeat(40_000);
  const message = withBody(body);
  // Of CPU: what others do on this machine does not count.
  const before = process.cpuUsage();
  expect(outcome(...message)).toEqual([message]);
  // Quadratic copying would move 800 MB here.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(500);
});
