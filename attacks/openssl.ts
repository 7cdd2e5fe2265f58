/** Certificates as `openssl` makes them, good ones and bad ones. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Shown {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Wish {
  readonly cn: string;
  /** Lines of extensions in openssl's form. */
  readonly extensions?: readonly string[];
  readonly authority?: Authority;
  readonly isAuthority?: boolean;
  /** Days from now. */
  readonly validFrom?: number;
  readonly validTo?: number;
  readonly key?: readonly string[];
  readonly hash?: "sha256" | "sha1";
}

const P256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
export const RSA_1024: readonly string[] = ["rsa:1024"];

const run = (args: readonly string[], cwd: string) => promisify(execFile)("openssl", args, { cwd });

let count = 0;

/** One that signs others; its folder is what `openssl ca` keeps its books in. */
export class Authority {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async found(folder: string, cn: string): Promise<Authority> {
    mkdirSync(folder, { recursive: true });
    const books = ["index.txt", "index.txt.attr"];
    for (const name of books) writeFileSync(join(folder, name), "");
    writeFileSync(join(folder, "ca.cnf"), CONFIG);
    const own = ["-keyout", "ca.key", "-out", "ca.crt", "-nodes", "-subj", `/CN=${cn}`];
    await run(["req", "-x509", "-newkey", ...P256, ...own, "-days", "30"], folder);
    return new Authority(folder);
  }

  /** PEM. */
  get cert(): string {
    return readFileSync(join(this.folder, "ca.crt"), "utf8");
  }

  /** A certificate signed by it, or by its own key. */
  async sign(wish: Wish, isSelfSigned = false): Promise<Shown> {
    const { cn, extensions = [], validFrom = -1, validTo = 10, key = P256 } = wish;
    const name = `cert-${count++}`;
    const [csr, crt, pem, ext] = ["csr", "crt", "key", "ext"].map((end) => `${name}.${end}`);
    if (!csr || !crt || !pem || !ext) throw new Error("names of files are missing");
    writeFileSync(join(this.folder, ext), `basicConstraints=CA:FALSE\n${extensions.join("\n")}\n`);
    const made = ["-keyout", pem, "-out", csr, "-nodes", "-subj", `/CN=${cn}`];
    await run(["req", "-new", "-newkey", ...key, ...made], this.folder);
    const signer = isSelfSigned ? ["-selfsign", "-keyfile", pem] : [];
    const dates = ["-startdate", dateIn(validFrom), "-enddate", dateIn(validTo)];
    const how = ["-md", wish.hash ?? "sha256", "-extfile", ext, ...dates, ...signer];
    await run(
      ["ca", "-batch", "-notext", "-config", "ca.cnf", "-in", csr, "-out", crt, ...how],
      this.folder,
    );
    const text = (file: string) => readFileSync(join(this.folder, file), "utf8");
    return { cert: text(crt), key: text(pem) };
  }

  /** Takes one of its certificates back. */
  async revoke({ cert }: Shown): Promise<void> {
    writeFileSync(join(this.folder, "revoked.crt"), cert);
    await run(["ca", "-config", "ca.cnf", "-keyfile", "ca.key", ...REVOKE], this.folder);
  }

  /** What it has taken back until now, PEM. */
  async revocationList(): Promise<string> {
    const how = ["-gencrl", "-crldays", "30", "-out", "ca.crl"];
    await run(["ca", "-config", "ca.cnf", "-keyfile", "ca.key", ...how], this.folder);
    return readFileSync(join(this.folder, "ca.crl"), "utf8");
  }
}

const REVOKE = ["-revoke", "revoked.crt"];

const CONFIG = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
rand_serial = yes
unique_subject = no
policy = any
default_md = sha256
[any]
commonName = supplied
`;

/** As `openssl ca` reads it. */
const dateIn = (days: number): string => {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${iso.slice(0, 19).replaceAll(/[-T:]/g, "")}Z`;
};
