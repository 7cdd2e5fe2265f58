import { parseSipUri } from "carillon/uri";
import { describe, expect, test } from "vitest";
import { openDomains } from "./open-domains.ts";

function allowed(domains: readonly string[], ...uris: readonly string[]): readonly boolean[] {
  return uris.map((text) => {
    const uri = parseSipUri(text);
    if (!uri.ok) throw new Error(text);
    return openDomains(domains).allows(uri.value);
  });
}

describe("which other domains are open", () => {
  test("none, where nothing is written down", () => {
    expect(allowed([], "sip:bob@biloxi.example", "sip:bob@192.0.2.1")).toEqual([false, false]);
  });

  test("a name is that name alone, and an address that address", () => {
    const uris = ["sip:b@Biloxi.Example", "sip:b@biloxi.example.", "sip:b@sip.biloxi.example"];
    expect(allowed(["BILOXI.example"], ...uris)).toEqual([true, true, false]);
    expect(allowed(["192.0.2.1"], "sip:192.0.2.1", "sip:192.0.2.2")).toEqual([true, false]);
  });

  test("*.example is all below it, and not example itself nor what only ends like it", () => {
    const uris = ["sip:b@one.example", "sip:b@a.b.example", "sip:b@example", "sip:b@anexample"];
    expect(allowed(["*.example"], ...uris)).toEqual([true, true, false, false]);
  });

  test("* is any of them", () => {
    expect(allowed(["*"], "sip:b@biloxi.example", "sip:b@192.0.2.1")).toEqual([true, true]);
  });

  test("a name that leads elsewhere by maddr, or to another service's port, is not", () => {
    const uris = ["sip:b@a.example;maddr=10.0.0.1", "sip:b@a.example;maddr=A.example"];
    expect(allowed(["*"], ...uris)).toEqual([false, true]);
    expect(allowed(["*"], "sip:b@a.example:25", "sip:b@a.example:5070")).toEqual([false, true]);
  });
});

test("with * only public addresses will do, but for hosts that are named beside it", () => {
  const isPublicOnly = (domains: readonly string[], host: string) =>
    openDomains(domains).isPublicOnly(host);
  expect(isPublicOnly(["*"], "10.0.0.1")).toBe(true);
  expect(isPublicOnly(["*", "10.0.0.1", "*.lan"], "10.0.0.1")).toBe(false);
  expect(isPublicOnly(["*", "*.lan"], "pbx.lan")).toBe(false);
  expect(isPublicOnly(["pbx.lan"], "10.0.0.1")).toBe(false);
});
