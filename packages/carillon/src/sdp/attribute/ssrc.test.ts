import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { ssrc, ssrcGroup } from "./ssrc.ts";

test("RFC 5576 §4: sources and groups of them", () => {
  expect(ssrc.parse("11111 cname:user@example.com")).toEqual(
    ok({ ssrc: 11_111, attribute: "cname", value: "user@example.com" }),
  );
  expect(ssrc.parse("1 x")).toEqual(ok({ ssrc: 1, attribute: "x", value: undefined }));
  expect(ssrc.parse("4294967295 msid:a b")).toMatchObject({ value: { value: "a b" } });
  expect(ssrcGroup.parse("FID 1 4294967295")).toEqual(
    ok({ semantics: "FID", ssrcs: [1, 4_294_967_295] }),
  );
  for (const text of ["4294967296 cname:a", "x cname:a", "1", "1 ", "1 cname:", "", "1 a b:c"]) {
    expect([text, ssrc.parse(text).ok]).toEqual([text, false]);
  }
  const many = `FID ${"1 ".repeat(200)}`;
  for (const text of ["", "FID 4294967296", "FID x", "FID  1", many]) {
    expect([text, ssrcGroup.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const id = fc.nat(4_294_967_295);
  const any = fc.record({
    ssrc: id,
    attribute: fc.stringMatching(/^[a-z-]{1,12}$/),
    value: fc.option(fc.stringMatching(/^[ -~]{1,20}$/), { nil: undefined }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(ssrc.parse(ssrc.format(x))).toEqual(ok(x));
    }),
  );
  const group = fc.record({ semantics: fc.constantFrom("FID", "FEC"), ssrcs: fc.array(id) });
  fc.assert(
    fc.property(group, (x) => {
      expect(ssrcGroup.parse(ssrcGroup.format(x))).toEqual(ok(x));
    }),
  );
});
