import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { record } from "./record.ts";

test("RFC 7866 §7.1.2: on, off or paused, and nothing else", () => {
  for (const each of ["on", "off", "paused"] as const) {
    expect(record.parse(record.format(each))).toEqual(ok(each));
  }
  expect(record.parse("ON ")).toEqual(ok("on"));
  for (const text of ["", "yes", "on off", undefined]) expect(record.parse(text).ok).toBe(false);
});
