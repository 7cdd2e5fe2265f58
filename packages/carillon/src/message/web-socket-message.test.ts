import { describe, expect, test } from "vitest";
import { parseWebSocketMessage, webSocketKeepAlive } from "./web-socket-message.ts";

const message = (length: string, body = "") => `OPTIONS sip:a SIP/2.0\r\n${length}\r\n${body}`;
const codeOf = (text: string) => {
  const result = parseWebSocketMessage(text);
  return result.ok ? result.value.body : result.error.code;
};

//= RFC 7118 §5
//# Each SIP message MUST be carried within a single WebSocket message, and a WebSocket message MUST
//# NOT contain more than one SIP message.
describe("RFC 7118 §5: one WebSocket message is one SIP message", () => {
  test("with a Content-Length that is right, or with none", () => {
    expect(codeOf(message("Content-Length: 5\r\n", "hello"))).toBe("hello");
    expect(codeOf(message("l: 0\r\n"))).toBe("");
    expect(codeOf(message("", "hello"))).toBe("hello");
  });

  test("and not with one that is wrong", () => {
    const another = message("l: 0\r\n");
    for (const [length, body] of [
      ["l: 0\r\n", another],
      ["l: 4\r\n", "hello"],
      ["l: 6\r\n", "hello"],
      ["l: 5\r\nl: 5\r\n", "hello"],
      ["l: +5\r\n", "hello"],
    ] as const) {
      expect(codeOf(message(length, body))).toBe("bad-content-length");
    }
  });

  test("what is no SIP message at all is refused as such", () => {
    expect(codeOf("hello")).toBe("bad-start-line");
  });
});

test("RFC 7118 §6: the keep-alives of RFC 5626 stand alone", () => {
  expect(webSocketKeepAlive("\r\n\r\n")).toBe("Ping");
  expect(webSocketKeepAlive("\r\n")).toBe("Pong");
  for (const text of ["", "\n", "\r\n\r\n\r\n", " "])
    expect(webSocketKeepAlive(text)).toBeUndefined();
});
