import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { dcmap, dcsa } from "./data-channel.ts";

const PLAIN = {
  streamId: 0,
  subprotocol: "",
  label: "",
  ordered: true,
  maxRetransmits: undefined,
  maxTimeMs: undefined,
  priority: 256,
};

test.each([
  ["0", {}],
  [
    '1 subprotocol="bfcp";max-time=60000;priority=512',
    { streamId: 1, subprotocol: "bfcp", maxTimeMs: 60_000, priority: 512 },
  ],
  [
    '2 subprotocol="msrp";ordered=true;label="msrp"',
    { streamId: 2, subprotocol: "msrp", label: "msrp" },
  ],
  [
    '3 label="Label 1";ordered=false;max-retr=5;priority=128',
    { streamId: 3, label: "Label 1", ordered: false, maxRetransmits: 5, priority: 128 },
  ],
  [
    '4 label="foo%09bar";ordered=true;max-time=15000',
    { streamId: 4, label: "foo\tbar", maxTimeMs: 15_000 },
  ],
  ['5 label="a;b=c"', { streamId: 5, label: "a;b=c" }],
])("RFC 8864 §5.1.1: %s", (text, expected) => {
  expect(dcmap.parse(text)).toEqual(ok({ ...PLAIN, ...expected }));
});

//= RFC 8864 §5.1.1
//# Both parameters MUST NOT be present.
test("refused", () => {
  const texts = ["", "65536", "x", "1 max-retr=1;max-time=1", "1 max-retr=4294967296", "1 a", "1 "];
  const quotes = [
    '1 label="',
    '1 label="a',
    "1 label=a",
    '1 label="%"',
    '1 label="%1"',
    '1 label="%zz"',
  ];
  for (const text of [...texts, ...quotes, '1 label="a";label="b"', "1 priority=65536"]) {
    expect([text, dcmap.parse(text).ok]).toEqual([text, false]);
  }
});

test("RFC 8864 §5.2: an attribute of a subprotocol", () => {
  expect(dcsa.parse("2 accept-types:text/plain")).toEqual(
    ok({ streamId: 2, attribute: { kind: "a", name: "accept-types", value: "text/plain" } }),
  );
  for (const text of ["", "2", "2 ", "65536 a", "2 a/b"]) expect(dcsa.parse(text).ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const octets = fc.array(fc.nat(255), { maxLength: 12 }).map((c) => String.fromCharCode(...c));
  const limit = fc.oneof(
    fc.record({ maxRetransmits: fc.nat(), maxTimeMs: fc.constant(undefined) }),
    fc.record({ maxRetransmits: fc.constant(undefined), maxTimeMs: fc.nat() }),
    fc.constant({ maxRetransmits: undefined, maxTimeMs: undefined }),
  );
  const any = fc
    .tuple(fc.nat(65_535), octets, octets, fc.boolean(), limit, fc.nat(65_535))
    .map(([streamId, subprotocol, label, ordered, limits, priority]) => ({
      ...{ streamId, subprotocol, label, ordered, priority },
      ...limits,
    }));
  fc.assert(
    fc.property(any, (x) => {
      expect(dcmap.parse(dcmap.format(x))).toEqual(ok(x));
    }),
  );
  const attribute = fc.record({
    kind: fc.constant("a" as const),
    name: fc.stringMatching(/^[a-z-]{1,9}$/),
    value: fc.option(fc.stringMatching(/^[ -~]{0,9}$/), { nil: undefined }),
  });
  const sub = fc.record({ streamId: fc.nat(65_535), attribute });
  fc.assert(
    fc.property(sub, (x) => {
      expect(dcsa.parse(dcsa.format(x))).toEqual(ok(x));
    }),
  );
});
