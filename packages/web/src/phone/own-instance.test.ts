import { expect, test } from "vitest";
import { keepInstance, takeInstance } from "./own-instance.ts";

function drawer(kept = new Map<string, string>()) {
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const VERSION_4 = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

//= RFC 5626 §4.1
//# Each UA MUST have an Instance Identifier Uniform Resource Name (URN) [RFC2141] that uniquely
//# identifies the device.
test("RFC 5626 §4.1: a page that is loaded anew is the same device, at its own seat", () => {
  const tab = drawer();
  const first = takeInstance(tab, "/@a/");
  expect(first).toMatch(VERSION_4);
  keepInstance(tab, "/@a/", first);
  expect(takeInstance(tab, "/@b/")).not.toBe(first);
  expect(takeInstance(tab, "/@a/")).toBe(first);
});

test("a tab that is duplicated while the page is there is another device", () => {
  const tab = drawer();
  keepInstance(tab, "/@a/", takeInstance(tab, "/@a/"));
  const own = takeInstance(tab, "/@a/");
  const copy = drawer(new Map(tab.kept));
  expect(takeInstance(copy, "/@a/")).not.toBe(own);
  keepInstance(tab, "/@a/", own);
  expect(takeInstance(tab, "/@a/")).toBe(own);
});

test("what stands in the drawer and is no instance is replaced", () => {
  for (const text of ["", "urn:uuid:1", "<urn:uuid:x>", 'urn:uuid:a"b']) {
    const tab = drawer(new Map([["carillon.instance /@a/", text]]));
    expect(takeInstance(tab, "/@a/")).toMatch(VERSION_4);
  }
});
