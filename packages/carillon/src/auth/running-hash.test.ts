import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RunningHash } from "./running-hash.ts";

test.each(["sha-1", "sha-256"] as const)(
  "%s in pieces is what node:crypto says of the whole",
  (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), (pieces) => {
        const hash = new RunningHash(algorithm);
        const known = createHash(algorithm.replace("-", ""));
        for (const piece of pieces) {
          hash.update(piece);
          known.update(piece);
        }
        expect(Buffer.from(hash.digest()).toString("hex")).toBe(known.digest("hex"));
      }),
    );
  },
);

test("FIPS 180-4: a length of more than 2^29 octets is told in both words", () => {
  const hash = new RunningHash("sha-1");
  const known = createHash("sha1");
  const piece = new Uint8Array(2 ** 24).fill(7);
  for (let i = 0; i < 33; i++) {
    hash.update(piece);
    known.update(piece);
  }
  expect(Buffer.from(hash.digest()).toString("hex")).toBe(known.digest("hex"));
}, 60_000);
