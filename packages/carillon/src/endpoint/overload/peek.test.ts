import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readEssentials } from "../../message/essentials.ts";
import { parseMessage } from "../../message/message.ts";
import { requestText } from "../../testing/request-text.ts";

import { peek } from "./peek.ts";

const TORTURE = join(import.meta.dirname, "../../testing/torture/rfc4475");

test("RFC 4475: of every message that can be read, the same is seen at a glance", () => {
  let seen = 0;
  for (const file of readdirSync(TORTURE)) {
    const octets = readFileSync(join(TORTURE, file), "latin1");
    const message = parseMessage(octets);
    const essentials = message.ok ? readEssentials(message.value) : message;
    if (!message.ok || !essentials.ok || message.value.kind !== "Request") continue;
    const peeked = peek(octets);
    expect(peeked?.method).toBe(message.value.method);
    expect(peeked?.hasToTag).toBe(essentials.value.toTag !== "");
    seen++;
  }
  expect(seen).toBeGreaterThan(20);
});

test("cut anywhere, or with octets changed, nothing is thrown", () => {
  const text = requestText("INVITE", { to: '"a;tag=b" <sip:x@y>\r\n ;tag=z' });
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(text.length), fc.nat(255), (cut, at, code) => {
      const spoiled = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      peek(spoiled.slice(0, cut));
      peek(spoiled);
    }),
  );
});

test.each([
  "SIP/2.0 200 OK\r\n\r\n",
  "",
  "\r\n\r\n",
  "INVITE",
  "INVITE x SIP/2.0\r\nTo: x\r\n\r\n",
])("what is no whole request is left to others: %j", (text) => expect(peek(text)).toBeUndefined());
