import { certificate } from "carillon/testing";
import { expect, test } from "vitest";
import { certificateInWords, certificateStatus } from "./certificate-status.ts";

const NOW = Date.UTC(2026, 10, 29);
const base = {
  ...({ origin: "acme", issuer: "R11", namesDomain: true } as const),
  validUntil: "2027-02-20T10:00:00.000Z",
};

test("whose certificate, until when, and when it is renewed", () => {
  const renewedAt = "2027-01-22T04:00:00.000Z";
  expect(certificateInWords({ ...base, renewedAt }, NOW)).toEqual([
    "of R11, until 2027-02-20, renewed 2027-01-22 by itself",
  ]);
  expect(certificateInWords({ ...base, origin: "own" }, NOW)).toEqual([
    "made here, nobody vouches for it, until 2027-02-20",
  ]);
});

test("what is wrong with it, and what helps", () => {
  expect(certificateInWords({ ...base, origin: "files", namesDomain: false }, NOW)).toEqual([
    "of R11, until 2027-02-20; it does not speak for this domain",
  ]);
  expect(certificateInWords(base, Date.UTC(2028, 0))[0]).toContain("expired 2027-02-20");
  const trouble = { what: "it was not reached", cure: "Open it.", againAt: "2026-11-29T01:02:03Z" };
  expect(certificateInWords({ ...base, trouble }, NOW).slice(1)).toEqual([
    "no other one from the authority: it was not reached; tried again 2026-11-29 01:02 UTC",
    "Open it.",
  ]);
});

test("it is read from what is shown, and from who renews it", () => {
  const { cert } = certificate({ name: "Someone", dns: ["house.example"] });
  const trouble = { what: "w", cure: "c", times: 1, againAt: NOW };
  const keeper = { directory: "https://a.example", renewedAt: NOW, trouble: undefined };
  const shown = { cert, origin: "acme" } as const;
  expect(certificateStatus(shown, "house.example", keeper)).toMatchObject({
    ...{ issuer: "Someone", namesDomain: true, renewedAt: "2026-11-29T00:00:00.000Z" },
  });
  const status = certificateStatus(shown, "other.example", { ...keeper, trouble });
  expect(status).toMatchObject({ namesDomain: false, trouble: { what: "w", cure: "c" } });
  expect(status).not.toHaveProperty("renewedAt");
});
