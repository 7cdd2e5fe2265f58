import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIp, ipOctets } from "./ip-octets.ts";
import { isOnLink } from "./on-link.ts";

describe("who is on a network of this machine", () => {
  const nets = [
    { address: "192.168.1.20", prefixLength: 24 },
    { address: "10.3.4.5", prefixLength: 9 },
    { address: "2001:db8:1:2::20", prefixLength: 64 },
  ];

  test.each([
    ["192.168.1.200", true],
    ["192.168.2.1", false],
    ["10.127.255.255", true],
    ["10.128.0.0", false],
    ["2001:db8:1:2:ffff::1", true],
    ["2001:db8:1:3::1", false],
    ["127.0.0.1", true],
    ["::1", true],
    ["fe80::1%eth0", true],
    ["169.254.7.7", true],
    ["8.8.8.8", false],
    ["example.com", false],
    ["", false],
  ])("%s: %s", (host, isThere) => {
    expect(isOnLink(host, nets)).toBe(isThere);
  });

  test("without a network only the machine itself and its links", () => {
    expect(isOnLink("192.168.1.200", [])).toBe(false);
    expect(isOnLink("[::1]", [])).toBe(true);
  });

  test("an address is its octets, in every way to write it", () => {
    expect(ipOctets("::ffff:192.0.2.1")).toBe(ipOctets("::ffff:c000:201"));
    expect(ipOctets("1::8")).toBe(ipOctets("1:0:0:0:0:0:0:8"));
    const byte = fc.integer({ min: 0, max: 255 });
    const octets = fc.oneof(
      fc.array(byte, { minLength: 4, maxLength: 4 }),
      fc.array(byte, { minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(octets, (bytes) => {
        const text = String.fromCharCode(...bytes);
        expect(ipOctets(formatIp(text))).toBe(text);
      }),
    );
  });
});
