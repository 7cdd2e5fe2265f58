/**
 * What is shown over TLS and who is believed: files that the operator names, what an authority has
 * signed for us, else a certificate of our own. Read again when told, or when the files have
 * changed; what is wrong then, or would break what works, changes nothing.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates } from "node:tls";
import type { TlsCredentials } from "carillon/node";
import { CannotStart } from "../cannot-start.ts";
import type { Log } from "../http/log.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { type CertificatePaths, type OwnNames, ownCertificate } from "./own-certificate.ts";
import { factsOf, type Pem, whyNotShown } from "./shown-certificate.ts";
import { WatchedFiles } from "./watched-files.ts";

export interface CredentialOptions {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Where a certificate from an authority lies; undefined where there is to be none. */
  readonly acme?: AcmeFiles | undefined;
  /** Where a certificate of our own lies. */
  readonly data: string;
  readonly names: OwnNames;
  /** Other names by which this server is asked for. */
  readonly aliases?: readonly string[];
  /** Files of the configuration, as it is now. */
  readonly believed: () => BelievedFiles;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface BelievedFiles {
  /** Authorities beside the usual ones, PEM. */
  readonly ca: readonly string[];
  /** Lists of revoked certificates, PEM. */
  readonly crl: readonly string[];
}

/** Where what is shown comes from. */
export type Origin = "own" | "files" | "acme";

interface Read {
  readonly origin: Origin;
  readonly shown: Pem;
  readonly credentials: TlsCredentials;
}

export class LiveCredentials {
  readonly #options: CredentialOptions;
  readonly #listeners: ((credentials: TlsCredentials) => void)[] = [];
  readonly #files: WatchedFiles;
  #read: Read;

  private constructor(options: CredentialOptions, read: Read) {
    this.#options = options;
    this.#read = read;
    const { tlsCert, tlsKey } = options;
    const files = [tlsCert, tlsKey].filter((file) => file !== undefined);
    this.#files = new WatchedFiles(files, () => void this.reload());
  }

  /** Throws CannotStart in words if a file is of no use. */
  static async open(options: CredentialOptions): Promise<LiveCredentials> {
    const first = await read(options);
    const why = whyNotShown(first.shown, { now: options.now(), names: [] });
    // Where nothing else is to be had, the house starts: phones over UDP do not mind.
    if (why !== undefined)
      options.log.warn({ why }, "whoever comes over TLS refuses the certificate");
    return new LiveCredentials(options, first);
  }

  get now(): TlsCredentials {
    return this.#read.credentials;
  }

  get origin(): Origin {
    return this.#read.origin;
  }

  /** Whether nobody vouches for it but itself. */
  get isOwn(): boolean {
    return this.origin === "own";
  }

  /** What is shown, PEM. */
  get cert(): string {
    return this.#read.shown.cert;
  }

  whenRenewed(listener: (credentials: TlsCredentials) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads everything again. False if it is of no use; what was before stays. */
  async reload(): Promise<boolean> {
    const { log } = this.#options;
    try {
      const renewed = await read(this.#options);
      const why = this.#whyNot(renewed);
      if (why !== undefined) throw new CannotStart(`The certificate is not taken: ${why}.`);
      this.#read = renewed;
      for (const listener of this.#listeners) listener(renewed.credentials);
      const until = new Date(factsOf(renewed.shown.cert).validTo).toISOString();
      log.info({ from: renewed.origin, until }, "the certificates were read again");
      return true;
    } catch (error) {
      log.error({ err: error }, "the certificate is wrong; the old one stays");
      return false;
    }
  }

  close(): void {
    this.#files.close();
  }

  /** What is shown already does not become worse by being read again. */
  #whyNot({ shown }: Read): string | undefined {
    if (shown.cert === this.cert) return undefined;
    const { names, aliases = [], now } = this.#options;
    const all = [names.domain, ...aliases];
    return whyNotShown(shown, { now: now(), names: all, present: this.cert });
  }
}

async function read(options: CredentialOptions): Promise<Read> {
  const { origin, shown } = await shownBy(options);
  const { ca, crl } = options.believed();
  const credentials = {
    ...shown,
    ...(ca.length > 0 && { ca: [...getCACertificates("default"), ...ca.map(authorities)] }),
    ...(crl.length > 0 && { crl: crl.map(revocations) }),
  };
  return { origin, shown, credentials };
}

async function shownBy(options: CredentialOptions): Promise<Pick<Read, "origin" | "shown">> {
  const { tlsCert, tlsKey, acme, data, names, now } = options;
  if (tlsCert !== undefined || tlsKey !== undefined) {
    return { origin: "files", shown: pairIn(both(tlsCert, tlsKey)) };
  }
  const signed = acme?.newest();
  // One that is of no use any more is worse than our own, which phones may have been told to take.
  if (signed && whyNotShown(signed, { now: now(), names: [] }) === undefined) {
    return { origin: "acme", shown: signed };
  }
  return { origin: "own", shown: pairIn(await ownCertificate(data, names, now())) };
}

function both(cert: string | undefined, key: string | undefined): CertificatePaths {
  if (cert !== undefined && key !== undefined) return { cert, key };
  const missing = cert === undefined ? "--tls-cert" : "--tls-key";
  throw new CannotStart(`TLS needs a certificate and its key: ${missing} is missing.`);
}

function pairIn(paths: CertificatePaths): Pem {
  const shown = { cert: readIn(paths.cert), key: readIn(paths.key) };
  try {
    createSecureContext(shown);
  } catch (error) {
    throw new CannotStart(
      `The certificate in ${paths.cert} and the key in ${paths.key} do not work together: ` +
        `${(error as Error).message}. Both have to be PEM, the key without a password.`,
    );
  }
  return shown;
}

/** A file may hold many. */
function authorities(file: string): string {
  const pem = readIn(file);
  const blocks = pem.split(/(?=-----BEGIN )/).filter((block) => block.startsWith("-----BEGIN "));
  return checked(file, pem, "authorities", () => {
    for (const block of blocks) new X509Certificate(block);
    return blocks.length > 0;
  });
}

function revocations(file: string): string {
  const crl = readIn(file);
  return checked(file, crl, "revoked certificates", () => {
    createSecureContext({ crl });
    return true;
  });
}

function checked(file: string, pem: string, what: string, isGood: () => boolean): string {
  try {
    if (isGood()) return pem;
  } catch {
    // Said below, in the same words.
  }
  throw new CannotStart(`${file} is no list of ${what} in PEM.`);
}

function readIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CannotStart(`${file} cannot be read: ${(error as Error).message}.`);
  }
}
