import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { rid } from "./rid.ts";

test("RFC 8851 §10: formats, limits, dependencies", () => {
  expect(rid.parse("1 send pt=97;max-width=1280;max-height=720;depend=2,3")).toEqual(
    ok({
      id: "1",
      direction: "send",
      formats: ["97"],
      params: [
        { name: "max-width", value: "1280" },
        { name: "max-height", value: "720" },
        { name: "depend", value: "2,3" },
      ],
    }),
  );
  expect(rid.parse("h recv")).toEqual(ok({ id: "h", direction: "recv", formats: [], params: [] }));
  expect(rid.parse("h send max-fps")).toMatchObject({
    value: { params: [{ name: "max-fps", value: undefined }] },
  });
});

test("refused", () => {
  const many = Array.from({ length: 200 }, (_, i) => `a${i}`).join(";");
  const texts = [
    "",
    "1",
    "1 both",
    "a/b send",
    "1 send x y",
    "1 send pt=",
    "1 send a;a",
    "1 send ;",
  ];
  for (const text of [...texts, "1 send a=1;pt=2", "1 send pt=1;pt=2", `1 send ${many}`]) {
    expect([text, rid.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const param = fc.record({
    name: fc.stringMatching(/^[a-z-]{3,9}$/),
    value: fc.option(fc.stringMatching(/^[!-:<-~]{0,9}$/), { nil: undefined }),
  });
  const any = fc.record({
    id: fc.stringMatching(/^[A-Za-z0-9_-]{1,9}$/),
    direction: fc.constantFrom<"send" | "recv">("send", "recv"),
    formats: fc.array(fc.nat(127).map(String), { maxLength: 5 }),
    params: fc.uniqueArray(param, { selector: ({ name }) => name, maxLength: 5 }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(rid.parse(rid.format(x))).toEqual(ok(x));
    }),
  );
});
