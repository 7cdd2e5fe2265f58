import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { attributeLine } from "./attribute-type.ts";
import {
  iceCredentialsOf,
  iceLite,
  iceMismatch,
  iceOptions,
  icePacing,
  icePwd,
  iceUfrag,
} from "./ice.ts";

//= RFC 8839 §5.4
//# an implementation MUST accept up to 256 characters when receiving
test("RFC 8839 §5.4: lengths", () => {
  expect(iceUfrag.parse("8hhY")).toEqual(ok("8hhY"));
  expect(icePwd.parse("asd88fgpdd777uzjYhagZg").ok).toBe(true);
  expect([3, 4, 256, 257].map((n) => iceUfrag.parse("a".repeat(n)).ok)).toEqual([
    ...[false, true, true, false],
  ]);
  expect([21, 22, 256, 257].map((n) => icePwd.parse("a".repeat(n)).ok)).toEqual([
    ...[false, true, true, false],
  ]);
  for (const text of ["8hh=", "8h Y", ""]) expect(iceUfrag.parse(text).ok).toBe(false);
});

test("RFC 8839 §5.3, §5.5, §5.6: the others", () => {
  expect(iceOptions.parse("ice2 rtp+ecn")).toEqual(ok(["ice2", "rtp+ecn"]));
  expect(iceOptions.parse("google-ice")).toEqual(ok(["google-ice"]));
  expect(iceOptions.parse("").ok).toBe(false);
  expect(icePacing.parse("50")).toEqual(ok(50));
  expect(icePacing.parse("4294967296").ok).toBe(false);
  for (const flag of [iceLite, iceMismatch]) expect(flag.parse(undefined)).toEqual(ok(true));
});

//= RFC 8839 §5.4
//# When present in both, the value in the media-level takes precedence.
test("RFC 8839 §5.4: the section's own before the session's", () => {
  const ufrag = (text: string) => attributeLine(iceUfrag, text);
  const pwd = attributeLine(icePwd, "asd88fgpdd777uzjYhagZg");
  expect(iceCredentialsOf([ufrag("mine")], [ufrag("ours"), pwd])?.ufrag).toBe("mine");
  expect(iceCredentialsOf([], [ufrag("ours"), pwd])?.ufrag).toBe("ours");
  expect(iceCredentialsOf([ufrag("mine")], [])).toBeUndefined();
});

test("parse(format(x)) is x", () => {
  const text = fc.stringMatching(/^[A-Za-z0-9+/]{22,60}$/);
  const types = fc.constantFrom(iceUfrag, icePwd);
  fc.assert(
    fc.property(text, types, (x, t) => {
      expect(t.parse(t.format(x))).toEqual(ok(x));
    }),
  );
  const tags = fc.array(fc.stringMatching(/^[A-Za-z0-9+/-]{1,9}$/), { minLength: 1 });
  fc.assert(
    fc.property(tags, (x) => {
      expect(iceOptions.parse(iceOptions.format(x))).toEqual(ok(x));
    }),
  );
  const number = fc.nat();
  fc.assert(
    fc.property(number, (x) => {
      expect(icePacing.parse(icePacing.format(x))).toEqual(ok(x));
    }),
  );
});
