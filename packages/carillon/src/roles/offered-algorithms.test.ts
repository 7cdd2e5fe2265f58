import { expect, test } from "vitest";
import { offeredAlgorithms } from "./offered-algorithms.ts";

test("RFC 8760 §2.3 the most preferred algorithm comes first, MD5 last and for desk phones", () => {
  expect(offeredAlgorithms(true, "Acme Phone/1")).toEqual(["SHA-512-256", "SHA-256", "MD5"]);
  expect(offeredAlgorithms(true, undefined)).toEqual(["SHA-512-256", "SHA-256", "MD5"]);
});

test("without desk phones MD5 is offered to nobody, whatever they say they are", () => {
  for (const userAgent of ["baresip v1.0.0 (x86_64/linux)", "Acme Phone/1", undefined]) {
    expect(offeredAlgorithms(false, userAgent)).toEqual(["SHA-512-256", "SHA-256"]);
  }
});

test("a program known to give up at a challenge it does not know gets the one it can do", () => {
  const known = ["baresip v1.0.0 (x86_64/linux)", "SIPp v3.6.1-SCTP", "sipp", "sipsak 0.9.8.1"];
  known.push("kamailio (5.6.3 (x86_64/linux))");
  for (const userAgent of known) expect(offeredAlgorithms(true, userAgent)).toEqual(["MD5"]);
});

test("a name that only contains such a program's is another program", () => {
  for (const userAgent of ["baresippy", "not SIPp", "sippy", ""]) {
    expect(offeredAlgorithms(true, userAgent)).toHaveLength(3);
  }
});
