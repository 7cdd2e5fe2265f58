import { SOCKADDR_BYTES } from "carillon-media/system";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SocketAddresses } from "./socket-address.ts";

const host4 = fc.tuple(fc.nat(3), fc.nat(255)).map(([a, b]) => `10.0.${a}.${b}`);
const host6 = fc.tuple(fc.nat(3), fc.nat(255)).map(([a, b]) => `2001:db8::${a + 1}:${b + 1}`);
const address = fc.record({
  host: fc.oneof(host4, host6),
  port: fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 5060, max: 5070 })),
});

test("what was written is read again, however many addresses share a place in between", () => {
  const view = new DataView(new ArrayBuffer(SOCKADDR_BYTES));
  fc.assert(
    fc.property(fc.array(address, { maxLength: 100, size: "max" }), (all) => {
      const addresses = new SocketAddresses();
      for (const one of [...all, ...all]) {
        addresses.write(view, 0, one);
        expect(addresses.read(view, 0)).toEqual(one);
      }
    }),
  );
});

test("a peer that is heard again is the same object, which a flow may keep", () => {
  const view = new DataView(new ArrayBuffer(SOCKADDR_BYTES));
  const addresses = new SocketAddresses();
  addresses.write(view, 0, { host: "192.0.2.7", port: 5060 });
  expect(addresses.read(view, 0)).toBe(addresses.read(view, 0));
});
