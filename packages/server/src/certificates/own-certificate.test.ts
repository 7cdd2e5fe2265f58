import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownCertificate } from "./own-certificate.ts";

const names = { domain: "house.example", hostname: "Tower", addresses: ["192.0.2.7", "::1"] };
const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-certificate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function made(now = NOW, wanted = names) {
  const paths = await ownCertificate(folder, wanted, now);
  const cert = readFileSync(paths.cert, "utf8");
  return { paths, cert, x509: new X509Certificate(cert) };
}

test("speaks for the domain, and for every name and address by which we are asked", async () => {
  const { paths, cert, x509 } = await made();
  expect(x509.subjectAltName).toBe(
    "URI:sip:house.example, DNS:house.example, DNS:localhost, DNS:tower, DNS:tower.local, " +
      "IP Address:192.0.2.7, IP Address:0:0:0:0:0:0:0:1",
  );
  expect([x509.subject, x509.ca, x509.verify(x509.publicKey)]).toEqual([
    "CN=house.example",
    false,
    true,
  ]);
  const days = (x509.validToDate.getTime() - x509.validFromDate.getTime()) / DAY_MS;
  expect(days).toBeLessThan(825);
  createSecureContext({ cert, key: readFileSync(paths.key) });
  // Nobody else on the machine reads the key.
  expect(statSync(paths.key).mode & 0o077).toBe(0);
});

test("stays the same until shortly before its end", async () => {
  const first = await made();
  expect((await made(NOW + 700 * DAY_MS)).cert).toBe(first.cert);
  const later = await made(NOW + 770 * DAY_MS);
  expect(later.cert).not.toBe(first.cert);
  expect(later.x509.validToDate.getTime()).toBeGreaterThan(NOW + 1500 * DAY_MS);
});

test("is made anew where a file of it is spoiled, or another house's", async () => {
  const first = await made();
  writeFileSync(first.paths.cert, "no certificate");
  const second = await made();
  expect(second.x509.subject).toBe("CN=house.example");
  expect((await made(NOW, { ...names, domain: "other.example" })).x509.subject).toBe(
    "CN=other.example",
  );
});

test("has an address as its domain, where that is one", async () => {
  const { x509 } = await made(NOW, { ...names, domain: "192.0.2.7" });
  expect(x509.subjectAltName).toContain("URI:sip:192.0.2.7, DNS:localhost");
});
