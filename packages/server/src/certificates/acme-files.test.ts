import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createSecureContext } from "node:tls";
import { certificate } from "carillon/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AcmeFiles } from "./acme-files.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-acme-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const DIRECTORY = "https://acme.example:14000/dir/new";

test("a certificate is kept with its key, and nobody else on the machine reads either", () => {
  const files = new AcmeFiles(data, DIRECTORY);
  expect([files.newest(), files.accountKey()]).toEqual([undefined, undefined]);
  const made = certificate({ name: "house.example" });
  const issuer = certificate({ name: "between" });
  files.keep({ cert: made.cert + issuer.cert, key: made.key });
  files.keepAccountKey(issuer.key);
  const again = new AcmeFiles(data, DIRECTORY);
  const newest = again.newest();
  expect(newest?.cert).toBe(`${(made.cert + issuer.cert).trimEnd()}\n`);
  expect(newest?.key.trim()).toBe(made.key.trim());
  createSecureContext(newest);
  expect(again.accountKey()).toBe(issuer.key);
  const folder = dirname(again.path);
  const modes = readdirSync(folder).map((name) => [
    name,
    statSync(join(folder, name)).mode & 0o777,
  ]);
  expect(modes).toEqual([
    ["account-key.pem", 0o600],
    ["certificate.pem", 0o600],
  ]);
});

test("each authority has a folder of its own, whatever its URL", () => {
  const one = new AcmeFiles(data, DIRECTORY);
  const other = new AcmeFiles(data, "https://acme.example:14000/../../dir");
  expect(other.path).not.toBe(one.path);
  expect(dirname(dirname(other.path))).toBe(join(data, "acme"));
});

test("a file that is broken is none", () => {
  const files = new AcmeFiles(data, DIRECTORY);
  files.keep(certificate({ name: "house.example" }));
  writeFileSync(files.path, "-----BEGIN CERTIFICATE-----\n");
  expect(files.newest()).toBeUndefined();
});
