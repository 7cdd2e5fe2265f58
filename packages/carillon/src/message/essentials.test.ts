import { describe, expect, test } from "vitest";
import { readEssentials } from "./essentials.ts";
import { parseMessage } from "./message.ts";

const lines = {
  Via: "Via: SIP/2.0/UDP a;branch=z9hG4bK1",
  From: "From: Alice <sip:alice@a>;tag=1",
  To: "To: <sip:bob@b>;Tag=2",
  "Call-ID": "Call-ID: c1@a",
  CSeq: "CSeq: 7 INVITE",
};
const read = (all: readonly string[], first = "INVITE sip:bob@b SIP/2.0") => {
  const message = parseMessage(`${first}\r\n${all.join("\r\n")}\r\n\r\n`);
  if (!message.ok) throw new Error(message.error.message);
  return readEssentials(message.value);
};
const all = Object.values(lines);
const but = (name: keyof typeof lines, ...instead: string[]) => [
  ...Object.entries(lines).flatMap(([n, line]) => (n === name ? [] : [line])),
  ...instead,
];
const codeOf = (result: ReturnType<typeof read>) => (result.ok ? "read" : result.error.code);

test("RFC 3261 §8.1.1: what every message has", () => {
  expect(read(all)).toMatchObject({
    ok: true,
    value: {
      via: { transport: "UDP", host: "a", branch: "z9hG4bK1" },
      cseq: { number: 7, method: "INVITE" },
      callId: "c1@a",
      from: { displayName: "Alice", uri: "sip:alice@a" },
      to: { displayName: "", uri: "sip:bob@b" },
      fromTag: "1",
      toTag: "2",
    },
  });
  expect(read(but("To", "t: sip:bob@b"))).toMatchObject({ value: { toTag: "" } });
});

describe("RFC 3261 §8.1.1: one of them missing, twice or bad", () => {
  test.each([
    ["Via", "bad-via"],
    ["From", "missing-header"],
    ["To", "missing-header"],
    ["Call-ID", "missing-header"],
    ["CSeq", "missing-header"],
  ] as const)("no %s", (name, code) => expect(codeOf(read(but(name)))).toBe(code));

  test.each(["From", "To", "Call-ID", "CSeq"] as const)("%s twice, even if equal", (name) => {
    expect(codeOf(read([...all, lines[name]]))).toBe("repeated-header");
  });

  test.each([
    ["Via", "Via: SIP/2.0/UDP 192.0.2.15;;,;,,", "bad-via"],
    ["CSeq", "CSeq: -1 INVITE", "bad-cseq"],
    ["Call-ID", "Call-ID:", "bad-call-id"],
    ["Call-ID", "Call-ID: a b", "bad-call-id"],
    ["From", 'From: "A <sip:alice@a>', "bad-address"],
    ["From", "From: <sip:alice@a>;tag=1,<sip:eve@e>", "bad-address"],
    ["To", "To:", "bad-address"],
  ] as const)("%s: %s", (name, line, code) => {
    const result = read(but(name, line));
    expect(result).toMatchObject({ ok: false, error: { code, status: 400 } });
  });

  test("a folded Call-ID is itself", () => {
    expect(read(but("Call-ID", "i:\r\n c1"))).toMatchObject({ value: { callId: "c1" } });
  });
});

//= RFC 3261 §8.1.1.5
//# The method MUST match that of the request.
test("RFC 3261 §8.1.1.5: the method of CSeq is that of the request, in the same case", () => {
  expect(codeOf(read(all, "OPTIONS sip:b SIP/2.0"))).toBe("bad-cseq");
  expect(codeOf(read(all, "invite sip:b SIP/2.0"))).toBe("bad-cseq");
  expect(codeOf(read(all, "SIP/2.0 200 OK"))).toBe("read");
});
