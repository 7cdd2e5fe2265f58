import { describe, expect, test } from "vitest";
import { formatAddress, formatHost, isIpAddress, isIpv4, isIpv6, readHostPort } from "./host.ts";

test("IPv4: four numbers up to 255, and none that another reader takes for octal", () => {
  for (const good of ["0.0.0.0", "192.0.2.1", "255.255.255.255", "1.20.100.9"]) {
    expect([good, isIpv4(good), isIpAddress(good)]).toEqual([good, true, true]);
  }
  const bad = ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.1000", "01.2.3.4", "1.2.3.00"];
  for (const text of [...bad, "1..2.3", "1.2.3.", "a.b.c.d", "1.2.3.-4", " 1.2.3.4", "0x1.2.3.4"]) {
    expect([text, isIpv4(text)]).toEqual([text, false]);
  }
});

test("RFC 5954 §4.1: IPv6 in all its forms", () => {
  const good = ["::", "::1", "1::", "2001:db8::9:1", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1"];
  for (const text of [...good, "1:2:3:4:5:6:7::", "::8:7:6:5:4:3:2", "2001:DB8::192.0.2.1"]) {
    expect([text, isIpv6(text), isIpAddress(text)]).toEqual([text, true, true]);
  }
  const bad = ["", ":", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::"];
  const worse = [
    "1::2::3",
    "1:2:3:4:5:6:7:8::",
    "::1.2.3",
    "1.2.3.4::",
    "::1%eth0",
    "[::1]",
    ":1:",
  ];
  for (const text of [...bad, ...worse, `::${"0".repeat(44)}`, "1:2:3:4:5:6:7:1.2.3.4"]) {
    expect([text, isIpv6(text)]).toEqual([text, false]);
  }
});

test("an IPv6 address stands in brackets where a port may follow", () => {
  expect(formatHost("2001:db8::1")).toBe("[2001:db8::1]");
  expect(formatHost("example.com")).toBe("example.com");
  expect(formatAddress({ host: "::1", port: 5060 })).toBe("[::1]:5060");
  expect(formatAddress({ host: "192.0.2.1", port: 5061 })).toBe("192.0.2.1:5061");
});

describe("RFC 3261 §25.1: hostport", () => {
  test.each([
    ["Example.COM", "example.com", undefined],
    ["example.com.", "example.com.", undefined],
    ["host-1_a.example", "host-1_a.example", undefined],
    ["a--b.x-1", "a--b.x-1", undefined],
    ["1.2.3.example", "1.2.3.example", undefined],
    ["3f2a9b8c", "3f2a9b8c", undefined],
    ["_sip.example", "_sip.example", undefined],
    ["192.0.2.1:5060", "192.0.2.1", 5060],
    ["[2001:DB8::1]", "2001:db8::1", undefined],
    ["[::ffff:192.0.2.10]:19823", "::ffff:192.0.2.10", 19823],
    ["a:0", "a", 0],
    ["a:65535", "a", 65_535],
  ])("%s", (text, host, port) => expect(readHostPort(text)).toEqual({ host, port }));

  test.each([
    ["nothing", ["", ":", ":5060", "[]", "[]:1"]],
    ["a port that is none", ["a:", "a:65536", "a:-1", "a:5060x", "a: 1", "a:1:2", "[::1]:"]],
    ["digits that are no IPv4 address", ["1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "010.1.1.1"]],
    ["digits at the end", ["a.1", "example.123", "a.b.0", "1.2.3.4.", "a.1."]],
    ["a hyphen at the edge of a label", ["-a", "a-", "a.-b", "a-.b", "-", "a.b-.", "1-", "a.-"]],
    ["brackets that are not right", ["[::1", "::1", "[::1]x", "[::1]]", "[1.2.3.4]", "a[::1]"]],
    ["what no host name holds", ["a b", "a..b", ".a", "a@b", "a%41", "ü", "_", "a/b", "a\0"]],
    ["its length", ["a".repeat(256)]],
  ])("is refused for %s", (_, texts) => {
    for (const text of texts) expect([text, readHostPort(text)]).toEqual([text, undefined]);
  });

  //= RFC 3261 §19.1.2
  //# Current implementations MUST NOT attempt to improve robustness by treating received escaped
  //# characters in the host component as literally equivalent to their unescaped counterpart.
  test("RFC 3261 §19.1.2: an escape in it is never taken for what it stands for", () => {
    for (const text of ["%61.example", "a%2Eexample", "example.co%6D", "[%3A:1]", "192.0.2.%31"]) {
      expect([text, readHostPort(text)]).toEqual([text, undefined]);
    }
  });

  test("RFC 5118 §4.5: what follows inside the brackets is address, not port", () => {
    expect(readHostPort("[2001:db8::10:5070]")).toEqual({
      host: "2001:db8::10:5070",
      port: undefined,
    });
  });

  test("RFC 5118 §4.10: a third colon before an IPv4 address is read, and not kept", () => {
    const same = { host: "2001:db8::192.0.2.1", port: undefined };
    expect(readHostPort("[2001:db8:::192.0.2.1]")).toEqual(same);
    expect(readHostPort("[2001:db8::192.0.2.1]")).toEqual(same);
    expect(readHostPort("[2001:db8:::1]")).toBeUndefined();
  });
});
