import { expect, test } from "vitest";
import { AcmeTrouble, troubleOf, troubleSaid } from "./acme-trouble.ts";

const DIRECTORY = "https://acme.example/dir";
const type = (kind: string): string => `urn:ietf:params:acme:error:${kind}`;

test.each([
  ["connection", "Port 80"],
  ["dns", "A or AAAA record"],
  ["unauthorized", "another machine"],
  ["caa", "CAA record"],
  ["rateLimited", "tried again by itself"],
  ["externalAccountRequired", "kid and hmacKey"],
  ["somethingNew", "docs/configuration.md"],
])("a challenge that fails by %s has a cure", (kind, cure) => {
  const trouble = troubleSaid({ type: type(kind), detail: "it said so" }, "house.example");
  expect(trouble.message).toBe("house.example could not be shown to be ours: it said so");
  expect(trouble.cure).toContain(cure);
});

test("what the network says has a cure, too", () => {
  const failed = (code: string) => Object.assign(new Error(code.toLowerCase()), { code });
  expect(troubleOf(failed("ECONNREFUSED"), DIRECTORY)).toMatchObject({
    message: "acme.example is not reached (econnrefused)",
    cure: expect.stringContaining("firewall"),
  });
  for (const code of ["DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]) {
    expect(troubleOf(failed(code), DIRECTORY).cure).toContain("certificates.acme.ca");
  }
  expect(troubleOf(new Error("odd"), DIRECTORY).message).toBe("acme.example: odd");
  const known = new AcmeTrouble("what", "cure");
  expect(troubleOf(known, DIRECTORY)).toBe(known);
});
