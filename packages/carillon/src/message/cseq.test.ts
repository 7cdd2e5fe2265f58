import { expect, test } from "vitest";
import { parseCSeq } from "./cseq.ts";

test("RFC 3261 §20.16: a number and a method", () => {
  expect(parseCSeq("4711 INVITE")).toEqual({ ok: true, value: { number: 4711, method: "INVITE" } });
  expect(parseCSeq("0009\r\n  RE%47IST%45R")).toMatchObject({
    value: { number: 9, method: "RE%47IST%45R" },
  });
  expect(parseCSeq("0 invite")).toMatchObject({ value: { number: 0, method: "invite" } });
});

//= RFC 3261 §8.1.1.5
//# The sequence number value MUST be expressible as a 32-bit unsigned integer and MUST be less than
//# 2**31.
//= RFC 3261 §20.16
//# The sequence number MUST be expressible as a 32-bit unsigned integer.
test("RFC 3261 §8.1.1.5: the number is less than 2**31", () => {
  expect(parseCSeq("2147483647 INVITE")).toMatchObject({ value: { number: 2147483647 } });
  for (const text of ["2147483648 INVITE", "36893488147419103232 REGISTER"]) {
    expect(parseCSeq(text)).toMatchObject({ error: { code: "bad-cseq", status: 400 } });
  }
});

test("anything else is refused", () => {
  const texts = ["", "1", "INVITE", "1INVITE", "-1 INVITE", "+1 INVITE", "1 IN VITE", "1.5 INVITE"];
  for (const text of [...texts, "1 ", "1, INVITE", "1 INVITE,", "1 INVITE ", " 1 INVITE", "1 Ü"]) {
    expect([text, parseCSeq(text).ok]).toEqual([text, false]);
  }
});
