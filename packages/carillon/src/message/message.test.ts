import { describe, expect, test } from "vitest";
import { MAX_HEADER_SECTION, MAX_HEADERS, MAX_MESSAGE } from "../grammar/limits.ts";
import { header } from "./headers.ts";
import { parseMessage } from "./message.ts";

const request = (...lines: string[]) => `OPTIONS sip:h SIP/2.0\r\n${lines.join("\r\n")}\r\n\r\n`;
/** What reading gave: the kind of message, or code and status. */
const outcome = (text: string) => {
  const result = parseMessage(text);
  return result.ok ? result.value.kind : `${result.error.code} ${result.error.status}`;
};
const all = (texts: readonly string[], expected: string) => {
  for (const text of texts) expect([text, outcome(text)]).toEqual([text, expected]);
};

describe("RFC 3261 §7.1, §7.2: start lines", () => {
  test("of a request", () => {
    expect(
      parseMessage("INVITE sip:bob@biloxi.com;x?y=z SIP/2.0\r\nTo: a\r\n\r\nbody"),
    ).toMatchObject({
      value: {
        kind: "Request",
        method: "INVITE",
        uri: "sip:bob@biloxi.com;x?y=z",
        body: "body",
        headers: { names: ["To"] },
      },
    });
    const odd = "!interesting-Method0123456789_*+`.%indeed'~";
    expect(parseMessage(`${odd} a:b SIP/2.0\r\n\r\n`)).toMatchObject({ value: { method: odd } });
  });

  test("of a response", () => {
    expect(parseMessage("SIP/2.0 180 Ring  ing \r\n\r\n")).toMatchObject({
      value: { kind: "Response", status: 180, reasonPhrase: "Ring  ing " },
    });
    expect(parseMessage("SIP/2.0 100 \r\n\r\n")).toMatchObject({ value: { reasonPhrase: "" } });
  });

  //= RFC 3261 §7.1
  //# The SIP-Version string is case-insensitive
  test("RFC 3261 §7.1: in which the version may be in any case", () => {
    expect(outcome("OPTIONS sip:h sip/2.0\r\n\r\n")).toBe("Request");
    expect(outcome("Sip/2.0 200 OK\r\n\r\n")).toBe("Response");
  });

  test("RFC 3261 §21.5.6: of another version get 505", () => {
    const versions = ["SIP/7.0", "SIP/1.0", "SIP/2.1", "SIP/20.0", "SIP/2.00", "sip/3.0"];
    all(
      versions.map((v) => `OPTIONS sip:h ${v}\r\n\r\n`),
      "bad-version 505",
    );
    all(["SIP/3.0 200 OK\r\n\r\n", "SIP/2.1 200 OK\r\n\r\n"], "bad-version 505");
  });

  //= RFC 3261 §7.1
  //# The Request-URI MUST NOT contain unescaped spaces or control characters and MUST NOT be
  //# enclosed in "<>".
  test("RFC 3261 §7.1: that are neither", () => {
    const lines = [
      "",
      " ",
      "OPTIONS",
      "OPTIONS sip:h",
      "OPTIONS SIP/2.0",
      "OPTIONS  SIP/2.0",
      "OPTIONS  sip:h SIP/2.0",
      "OPTIONS sip:h  SIP/2.0",
      "OPTIONS sip:h SIP/2.0 ",
      " OPTIONS sip:h SIP/2.0",
      "OPTIONS\tsip:h\tSIP/2.0",
      "OPTIONS sip:a b SIP/2.0",
      "OPTIONS <sip:h> SIP/2.0",
      "OPTIONS sip:h;\tlr SIP/2.0",
      "OPTIONS sip:h\x7f SIP/2.0",
      "OPTIONS sip:h\0 SIP/2.0",
      "OPTIONS sip:h\nVia:x SIP/2.0",
      "OPT(IONS sip:h SIP/2.0",
      "OPTIONS sip:h HTTP/1.1",
      "OPTIONS sip:h SIP/",
      "OPTIONS sip:h SIP/20",
      "OPTIONS sip:h SIP/2.0.0",
      "OPTIONS sip:h SIP/2.0\0",
      "OPTIONS sip:h SIP/2.0\nVia: x",
      "SIP/2.0",
      "SIP/2.0 ",
      "SIP/2.0 200",
      "SIP/2.0 20 OK",
      "SIP/2.0 099 OK",
      "SIP/2.0 700 OK",
      "SIP/2.0 2000 OK",
      "SIP/2.0 4294967301 better not",
      "SIP/2.0 +20 OK",
      "SIP/2.0  200 OK",
      "SIP/2.0 200\tOK",
      "SIP/2.0 200 OK\nVia: x",
      "SIP/2.0 200 OK\0",
      "SIP/2.0 200 O\rK",
    ];
    all(
      lines.map((line) => `${line}\r\n\r\n`).filter((text) => !text.startsWith("\r")),
      "bad-start-line 400",
    );
    all(
      ["", "\r\n", "\r\n\r\n", "OPTIONS sip:h SIP/2.0", "OPTIONS sip:h SIP/2.0\n\n"],
      "bad-start-line 400",
    );
  });

  //= RFC 3261 §7.5
  //# Implementations processing SIP messages over stream-oriented transports MUST ignore any CRLF
  //# appearing before the start-line
  test("RFC 3261 §7.5: may have CRLFs before them, which are no part of the message", () => {
    const text = request("To: a");
    expect(parseMessage(`\r\n\r\n${text}`)).toEqual(parseMessage(text));
    all([`\n${text}`, `\r${text}`, `\r\n\n${text}`, ` \r\n${text}`], "bad-start-line 400");
  });
});

describe("RFC 3261 §7.3.1: the header section", () => {
  test("may be empty, and its values too", () => {
    expect(outcome("OPTIONS sip:h SIP/2.0\r\n\r\n")).toBe("Request");
    expect(parseMessage(request("Q:", "Z: ", "P:\t", "G:\r\n "))).toMatchObject({
      value: { headers: { names: ["q", "z", "p", "g"] } },
    });
  });

  test("has names in one spelling, and keeps the received text", () => {
    const text = request("v: x", "CALL-ID : y", "X-Y\t:z");
    const result = parseMessage(text);
    expect(result).toMatchObject({
      value: { text, headers: { names: ["Via", "Call-ID", "x-y"], end: text.length - 2 } },
    });
  });

  test("ends with an empty line", () => {
    const texts = ["OPTIONS sip:h SIP/2.0\r\n", "OPTIONS sip:h SIP/2.0\r\nTo: a\r\n"];
    all(
      [...texts, "OPTIONS sip:h SIP/2.0\r\nTo: a", "OPTIONS sip:h SIP/2.0\r\nTo: a\r"],
      "no-end 400",
    );
    all(["OPTIONS sip:h SIP/2.0\r\nTo: a\r\n "], "no-end 400");
  });

  test("has a name and a colon on every line", () => {
    const lines = ["To", ": a", "T o: a", "To(: a", "(c): a", "\x01: a", "Tö: a", "=: a", " To: a"];
    all(
      lines.map((line) => request(line)),
      "bad-header 400",
    );
  });

  //= RFC 3261 §7.3.1
  //# Header fields can be extended over multiple lines by preceding each extra line with at least
  //# one SP or horizontal tab (HT).
  test("has no line ends but CRLF: another reader would see other headers", () => {
    const lines = ["To: a\nVia: x", "To: a\rVia: x", "To: a\n b", "To: a\r b", "To:\n", "To\n: a"];
    const more = ["To: a\r\r\n", "To: a\n\r\n", "\nTo: a", "\rTo: a", 'To: "a\n"', 'To: "\\\n"'];
    all(
      [...lines, ...more].map((line) => request(line)),
      "bad-header 400",
    );
    all(["OPTIONS sip:h SIP/2.0\r\nTo: a\r\n\rx"], "bad-header 400");
    all(["OPTIONS sip:h SIP/2.0\r\nTo: a\r\n\n"], "bad-header 400");
  });

  test("RFC 3261 §25.1: has a NUL as a quoted-pair only", () => {
    all(
      ["To: a\0", "To: \0", "A\0: b", 'To: "a\\\\\0"', "To: \0\\"].map((l) => request(l)),
      "bad-header 400",
    );
    const text = request('To: "BEL:\\\x07 NUL:\\\0 DEL:\\\x7f" <sip:a>', 'From: "\\\\\\\0"');
    expect(outcome(text)).toBe("Request");
  });

  test("may hold any other octet in a value", () => {
    const odd = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).filter(
      (c) => !"\0\r\n".includes(c),
    );
    const result = parseMessage(request(`Q: a${odd.join("")}b`));
    expect(result.ok && header(result.value, "q")).toBe(`a${odd.join("")}b`);
  });
});

describe("RFC 3261 §18.3: Content-Length", () => {
  const withLength = (line: string, body = "12345") => `${request(line).slice(0, -2)}\r\n${body}`;

  //= RFC 3261 §18.3
  //# If there are additional bytes in the transport packet beyond the end of the body, they MUST be
  //# discarded.
  test("says where the body ends; what follows is dropped from it", () => {
    const spellings = [
      "Content-Length: 3",
      "l:3",
      "L : 003",
      "CONTENT-LENGTH:\r\n 3",
      "l: 3 \r\n ",
    ];
    for (const line of spellings) {
      expect([line, parseMessage(withLength(line))]).toMatchObject([
        line,
        { value: { body: "123" } },
      ]);
    }
    expect(parseMessage(withLength("l: 0"))).toMatchObject({ value: { body: "" } });
    expect(parseMessage(withLength("l: 5"))).toMatchObject({ value: { body: "12345" } });
  });

  test("is not needed where the packet ends the message", () => {
    expect(parseMessage(withLength("To: a"))).toMatchObject({ value: { body: "12345" } });
  });

  //= RFC 3261 §18.3
  //# If the transport packet ends before the end of the message body, this is considered an error.
  test("is not more than there is", () => {
    all(
      [withLength("l: 6"), withLength("l: 65535"), withLength("l: 1", "")],
      "bad-content-length 400",
    );
    expect(parseMessage(withLength("l: 9"))).toMatchObject({
      error: { message: "the body ends 4 octets early" },
    });
  });

  test("is one number of digits only, whatever another reader would make of it", () => {
    const variants = [
      "-1",
      "+3",
      "3.0",
      "3,3",
      "3, 3",
      "3;3",
      "0x3",
      "3x",
      "3 3",
      "3\t3",
      "1e1",
      '"3"',
    ];
    const large = [2 ** 32 + 3, 2 ** 31, 2 ** 64 + 3, 65_536].map(BigInt).map(String);
    const odd = ["", "3\r\n 3", "3\x0b", "\xb3", "NaN", "(3)", "3=", "%33", "0".repeat(17)];
    all(
      [...variants, ...large, ...odd].map((v) => withLength(`l: ${v}`)),
      "bad-content-length 400",
    );
  });

  test("stands there once, even if twice the same", () => {
    for (const [a, b] of [
      ["3", "3"],
      ["3", "5"],
      ["5", ""],
      ["", "3"],
    ]) {
      all([withLength(`Content-Length: ${a}\r\nTo: x\r\nl: ${b}`)], "bad-content-length 400");
    }
  });
});

describe("limits", () => {
  test("of a message", () => {
    const head = request("To: a");
    expect(outcome(head + "x".repeat(MAX_MESSAGE - head.length))).toBe("Request");
    expect(outcome(head + "x".repeat(MAX_MESSAGE + 1 - head.length))).toBe("too-large 513");
  });

  test("of a header section", () => {
    const empty = request("X: ").length;
    expect(outcome(request(`X: ${"x".repeat(MAX_HEADER_SECTION - empty)}`))).toBe("Request");
    const long = "x".repeat(MAX_HEADER_SECTION);
    all([request(`X: ${long}`), request(`${long}: x`)], "too-large 513");
    all([request("To: a", `X: ${long}`)], "too-large 513");
    expect(outcome(`OPTIONS sip:${long} SIP/2.0\r\nTo: a\r\n\r\n`)).toBe("too-large 513");
  });

  test("of the number of headers", () => {
    const many = (n: number) => request(...Array.from({ length: n }, () => "a:b"));
    expect(outcome(many(MAX_HEADERS))).toBe("Request");
    expect(outcome(many(MAX_HEADERS + 1))).toBe("too-large 513");
  });
});
