import type { Binding } from "carillon/roles";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BindingPacker } from "./packed-bindings.ts";

const octets = fc.string({
  unit: fc.integer({ min: 32, max: 255 }).map((c) => String.fromCharCode(c)),
});
const port = fc.integer({ min: 0, max: 65_535 });
const address = fc.record({ host: fc.constantFrom("192.0.2.1", "2001:db8::1", "127.0.0.1"), port });
const binding: fc.Arbitrary<Binding> = fc
  .record({
    contact: octets,
    q: fc.integer({ min: 0, max: 1000 }),
    callId: octets,
    cseq: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    expiresAt: fc.integer({ min: 0, max: 2 ** 45 }),
    credential: fc.option(
      octets.filter((text) => text !== ""),
      { nil: undefined },
    ),
    instance: fc.option(fc.constantFrom("<urn:uuid:00000000-0000-1000-8000-000A95A0E128>")),
    regId: fc.option(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
    path: fc.option(
      fc.array(
        octets.map((text) => `<sip:edge;lr>${text}`),
        { minLength: 1 },
      ),
    ),
    epoch: fc.option(fc.constantFrom("AbCdEfGhIjKl")),
    flow: fc.record({
      transport: fc.constantFrom("UDP", "TCP", "TLS", "WS", "WSS"),
      local: address,
      remote: address,
      connection: fc.nat(),
    }),
  })
  .map(({ credential, instance, regId, path, epoch, ...rest }) => ({
    ...rest,
    ...(credential !== undefined && { credential }),
    ...(instance !== null && { instance }),
    ...(regId !== null && { regId }),
    ...(path !== null && { path }),
    ...(epoch !== null && { epoch }),
  }));

test("what was packed is unpacked, whatever octets are in it", () => {
  const packer = new BindingPacker();
  fc.assert(
    fc.property(fc.array(binding, { maxLength: 10 }), (bindings) => {
      expect(packer.unpack(packer.pack(bindings))).toEqual(bindings);
    }),
    { numRuns: 2000 },
  );
});

test("a line feed would end a field early, and is refused", () => {
  const [one] = fc.sample(binding, 1);
  if (one === undefined) throw new Error("no sample");
  expect(() => new BindingPacker().pack([{ ...one, callId: "a\nb" }])).toThrow(RangeError);
});
