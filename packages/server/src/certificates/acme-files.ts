/**
 * What is kept of an authority: the key of our account there, and the newest certificate with its
 * key in one file, so that a power cut leaves either both or the ones before.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Pem } from "./shown-certificate.ts";

export class AcmeFiles {
  readonly #folder: string;

  /** Below the data folder, one for each authority: another one has another account. */
  constructor(data: string, directory: string) {
    const { host, pathname } = new URL(directory);
    const name = `${host}${pathname}`.replaceAll(/[^A-Za-z0-9.-]/g, "_").slice(0, 120);
    this.#folder = join(data, "acme", name);
  }

  /** The file with the newest certificate, for people. */
  get path(): string {
    return join(this.#folder, "certificate.pem");
  }

  /** PEM; undefined before the first order. */
  accountKey(): string | undefined {
    const path = join(this.#folder, "account-key.pem");
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  keepAccountKey(pem: string): void {
    write(join(this.#folder, "account-key.pem"), pem);
  }

  /** Undefined where there is none, or none that can be read. */
  newest(): Pem | undefined {
    if (!existsSync(this.path)) return undefined;
    const blocks = readFileSync(this.path, "utf8").split(/(?=-----BEGIN )/);
    const key = blocks.filter((block) => block.includes("PRIVATE KEY-----")).join("");
    const cert = blocks.filter((block) => block.startsWith("-----BEGIN CERTIFICATE-")).join("");
    return key === "" || cert === "" ? undefined : { cert, key };
  }

  keep({ cert, key }: Pem): void {
    write(this.path, `${key.trimEnd()}\n${cert.trimEnd()}\n`);
  }
}

/** Nobody else on the machine reads it, and it is there whole or not at all. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}
