/**
 * A second request hidden behind a Content-Length that two readers could read in two ways. Whoever
 * signs in through another server must not find a stranger's REGISTER said on their connection.
 */
import { describe, expect, test } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { DomainStage, request, type Sent } from "../testing/domain-stage.ts";

const REMOTE = { host: "198.51.100.7", port: 40_000 };
const L = "Content-Length";

/** Header lines that say something, or nothing, about a body of sixteen octets. */
const VARIANTS: readonly (readonly [what: string, lines: Octets])[] = [
  ["a plus", `${L}: +16`],
  ["a minus", `${L}: -16`],
  ["minus nothing", `${L}: -0`],
  ["two minuses", `${L}: --16`],
  ["a minus behind", `${L}: 16-`],
  ["hexadecimal", `${L}: 0x10`],
  ["octal as others write it", `${L}: 0o20`],
  ["binary", `${L}: 0b10000`],
  ["an exponent", `${L}: 1.6e1`],
  ["a fraction", `${L}: 16.0`],
  ["a comma", `${L}: 16,16`],
  ["a list", `${L}: 16, 0`],
  ["a semicolon", `${L}: 16;0`],
  ["a parameter", `${L}: 16;q=1`],
  ["a space inside", `${L}: 1 6`],
  ["two numbers", `${L}: 16 0`],
  ["an underscore", `${L}: 1_6`],
  ["an apostrophe", `${L}: 1'6`],
  ["a slash", `${L}: 16/1`],
  ["quotes", `${L}: "16"`],
  ["angle brackets", `${L}: <16>`],
  ["parentheses", `${L}: (16)`],
  ["a comment behind", `${L}: 16 (bytes)`],
  ["words", `${L}: sixteen`],
  ["NaN", `${L}: NaN`],
  ["infinity", `${L}: Infinity`],
  ["nothing", `${L}:`],
  ["white space", `${L}: \t `],
  ["digits of another script", `${L}: \xd9\xa1\xd9\xa6`],
  ["a null behind", `${L}: 16\0`],
  ["a bare CR inside", `${L}: 1\r6`],
  ["a bare LF and another line", `${L}: 16\n${L}: 0`],
  ["2^32 and sixteen", `${L}: 4294967312`],
  ["2^31", `${L}: 2147483648`],
  ["2^64 and sixteen", `${L}: 18446744073709551632`],
  ["more than a message may have", `${L}: 65536`],
  ["itself twice", `${L}: 16\r\n${L}: 16`],
  ["itself twice, differently", `${L}: 16\r\n${L}: 0`],
  ["itself in both forms", `l: 16\r\n${L}: 0`],
  ["two numbers on folded lines", `${L}: 16\r\n 0`],
  ["an underscore in its name", "Content_Length: 16"],
  ["nothing at all", "X-Length: 16"],
];

const BODY = "sixteen octets..";

function stage() {
  const house = new DomainStage();
  const hidden = request("REGISTER", {
    uri: "sip:house.example",
    from: "<sip:alice@house.example>;tag=r",
    to: "<sip:alice@house.example>",
    callId: "hidden",
    lines: [`Authorization: ${house.token("alice")}`, "Contact: <sip:alice@evil.example:5060>"],
  });
  const outer = (lines: Octets): Octets =>
    request("OPTIONS", { uri: "sip:house.example", body: BODY }).replace(
      `Content-Length: ${BODY.length}`,
      lines,
    );
  return { house, hidden, outer };
}

const answersTo = (callId: string, sent: readonly Sent[]) =>
  sent.filter(({ octets }) => octets.includes(`Call-ID: ${callId}`));
const registered = ({ location, wire }: DomainStage) => location.online("alice", wire.now);

describe.each(["TCP", "TLS", "WS"] as const)("over %s", (transport) => {
  test("what is hidden here would be obeyed if it were seen", () => {
    const { house, hidden } = stage();
    const place = house.wire.open({ transport, remote: REMOTE });
    house.say(place, hidden);
    expect(registered(house)).toBe(true);
  });

  test.each(VARIANTS)("a length with %s hides nothing", (_, lines) => {
    const { house, hidden, outer } = stage();
    const place = house.wire.open({ transport, remote: REMOTE });
    const sent = house.say(place, outer(lines) + hidden);
    // And what comes later is no better, where its beginning is not known.
    if (transport !== "WS") sent.push(...house.say(place, hidden), ...house.say(place, hidden));
    expect(registered(house)).toBe(false);
    expect(answersTo("hidden", sent)).toEqual([]);
    expect(sent.length).toBeLessThanOrEqual(1);
    const isOpen = house.wire.endpoint.connection(place) !== undefined;
    expect(isOpen, "a stream is closed, a WebSocket has frames").toBe(transport === "WS");
  });
});

test("there are forty of them", () => {
  expect(VARIANTS.length).toBeGreaterThanOrEqual(40);
});
