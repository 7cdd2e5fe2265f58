import { describe, expect, it } from "vitest";
import { parseMsrpUri, parsePath, sameMsrpUri } from "./msrp-uri.ts";

const same = (one: string, other: string): boolean => {
  const [a, b] = [parseMsrpUri(one), parseMsrpUri(other)];
  if (!a || !b) throw new Error(`${one} or ${other} is no MSRP URI`);
  return sameMsrpUri(a, b);
};

describe("MSRP URIs", () => {
  it.each([
    ["the scheme in capitals", "MSRP://host.example.com:8493/asfd34;tcp"],
    ["the host in capitals", "msrp://HOST.example.com:8493/asfd34;tcp"],
    ["a user", "msrp://bob@host.example.com:8493/asfd34;tcp"],
    ["another parameter", "msrp://host.example.com:8493/asfd34;tcp;foo=bar"],
    ["the transport in capitals", "msrp://host.example.com:8493/asfd34;TCP"],
  ])("§6.1 are the same but for %s", (_, other) => {
    //= RFC 4975 §6.1
    //# The scheme MUST match. Scheme comparison is case insensitive.
    expect(same("msrp://host.example.com:8493/asfd34;tcp", other)).toBe(true);
  });

  it.each([
    ["scheme", "msrps://host.example.com:8493/asfd34;tcp"],
    ["host", "msrp://other.example.com:8493/asfd34;tcp"],
    ["port", "msrp://host.example.com:8494/asfd34;tcp"],
    ["port that is not told", "msrp://host.example.com/asfd34;tcp"],
    ["session in capitals", "msrp://host.example.com:8493/ASFD34;tcp"],
    ["session that is not told", "msrp://host.example.com:8493;tcp"],
    ["transport", "msrp://host.example.com:8493/asfd34;ws"],
  ])("§6.1 differ by another %s", (_, other) => {
    //= RFC 4975 §6.1
    //# If the port exists explicitly in either URI, then it MUST match exactly. A URI with an
    //# explicit port is never equivalent to another with no port specified.
    expect(same("msrp://host.example.com:8493/asfd34;tcp", other)).toBe(false);
  });

  it("§6.1 compares IPv6 by value", () => {
    expect(same("msrp://[2001:db8::1]:1/a;tcp", "msrp://[2001:DB8:0::0:1]:1/a;tcp")).toBe(true);
  });

  it("§9 takes a path with one space or several between its URIs, and none without", () => {
    expect(parsePath("msrp://a:1/x;tcp  msrp://b:2/y;tcp")).toHaveLength(2);
    for (const bad of ["", "  ", "msrp://a:1/x", "msrp://a:1/x;tcp, msrp://b:2/y;tcp"]) {
      expect(parsePath(bad)).toBeUndefined();
    }
  });
});
