import { expect, test } from "vitest";
import { bad, ok } from "./result.ts";

test("what could be read is a value, what could not says why, where and what to answer", () => {
  expect(ok(1)).toEqual({ ok: true, value: 1 });
  expect(bad("bad-via", "no host", 7, "RFC 3261 §20.42")).toEqual({
    ok: false,
    error: {
      code: "bad-via",
      message: "no host",
      offset: 7,
      status: 400,
      source: "RFC 3261 §20.42",
    },
  });
  expect(bad("bad-version", "", 0, "RFC 3261 §7.1", 505).error.status).toBe(505);
});
