import { expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import { parseExtendedValue } from "./extended-value.ts";

test("RFC 7616 §3.9.2: the username of the example", () => {
  expect(parseExtendedValue("UTF-8''J%C3%A4s%C3%B8n%20Doe")).toBe(fromText("Jäsøn Doe"));
});

test("RFC 5987 §3.2: charset in any case, a language is skipped", () => {
  expect(parseExtendedValue("utf-8'de'a%20b")).toBe("a b");
});

test.each([
  "Doe",
  "UTF-8'Doe",
  "iso-8859-1''Doe",
  "UTF-8''%4",
  "UTF-8''%zz",
  "UTF-8''%00",
  "UTF-8''%0D%0A",
])("%j is refused", (text) => {
  expect(parseExtendedValue(text)).toBeUndefined();
});
