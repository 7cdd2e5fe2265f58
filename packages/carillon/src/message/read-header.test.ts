import { expect, test } from "vitest";
import { parseEvent } from "./header/event.ts";
import { parseSupported } from "./header/supported.ts";
import { compactForm, KNOWN_HEADERS } from "./header-name.ts";
import { parseMessage } from "./message.ts";
import { readHeader, readJoined } from "./read-header.ts";

const message = (...lines: string[]) => {
  const result = parseMessage(`OPTIONS sip:h SIP/2.0\r\n${lines.join("\r\n")}\r\n\r\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

test("a header that stands there once is read, one that stands there twice refused", () => {
  expect(readHeader(message("o: refer"), "Event", parseEvent)).toMatchObject({
    value: { type: "refer" },
  });
  expect(readHeader(message("Subject: x"), "Event", parseEvent)).toEqual({
    ok: true,
    value: undefined,
  });
  expect(readHeader(message("o: refer", "Event: refer"), "Event", parseEvent)).toMatchObject({
    error: { code: "repeated-header", status: 400 },
  });
  expect(readHeader(message("Event: a b"), "Event", parseEvent).ok).toBe(false);
});

//= RFC 3261 §7.3.1
//# It MUST be possible to combine the multiple header field rows into one "field-name: field-value"
//# pair, without changing the semantics of the message, by appending each subsequent field-value to
//# the first, each separated by a comma.
test("RFC 3261 §7.3.1: lines of a list are one list", () => {
  const read = (...lines: string[]) => readJoined(message(...lines), "Supported", parseSupported);
  expect(read("Supported: a,\r\n b", "k: c", "Supported:")).toEqual({
    ok: true,
    value: ["a", "b", "c"],
  });
  expect(read("Supported:")).toEqual({ ok: true, value: [] });
  expect(read("X: y")).toEqual({ ok: true, value: undefined });
  expect(read("Supported: a", "Supported: ,").ok).toBe(false);
});

test("RFC 3261 §7.3.3: compact forms, both ways", () => {
  expect(compactForm("Refer-To")).toBe("r");
  expect(compactForm("Identity")).toBe("y");
  expect(compactForm("Max-Forwards")).toBeUndefined();
  const forms = KNOWN_HEADERS.map((name) => compactForm(name)).filter((form) => form !== undefined);
  expect(forms.sort().join("")).toBe("abcdefijklmnorstuvxy");
  for (const name of KNOWN_HEADERS) {
    const form = compactForm(name);
    if (form) expect(message(`${form.toUpperCase()}: 0`).headers.names).toEqual([name]);
  }
});
