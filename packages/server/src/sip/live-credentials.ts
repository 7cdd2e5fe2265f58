/**
 * What is shown over TLS and who is believed, from files: those that the operator names, else a
 * certificate of our own. Read again when told; what is wrong then changes nothing.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates } from "node:tls";
import type { TlsCredentials } from "carillon/node";
import { CannotStart } from "../cannot-start.ts";
import type { Log } from "../http/log.ts";
import { type CertificatePaths, type OwnNames, ownCertificate } from "./own-certificate.ts";

export interface CredentialOptions {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Where a certificate of our own lies. */
  readonly data: string;
  readonly names: OwnNames;
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

export class LiveCredentials {
  readonly #options: CredentialOptions;
  readonly #listeners: ((credentials: TlsCredentials) => void)[] = [];
  #now: TlsCredentials;

  private constructor(options: CredentialOptions, now: TlsCredentials) {
    this.#options = options;
    this.#now = now;
  }

  /** Throws CannotStart in words if a file is of no use. */
  static async open(options: CredentialOptions): Promise<LiveCredentials> {
    return new LiveCredentials(options, await read(options));
  }

  get now(): TlsCredentials {
    return this.#now;
  }

  /** Whether nobody vouches for it but itself. */
  get isOwn(): boolean {
    return this.#options.tlsCert === undefined;
  }

  whenRenewed(listener: (credentials: TlsCredentials) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads everything again. False if it is of no use; what was before stays. */
  async reload(): Promise<boolean> {
    try {
      const renewed = await read(this.#options);
      this.#now = renewed;
      for (const listener of this.#listeners) listener(renewed);
      this.#options.log.info("the certificates were read again");
      return true;
    } catch (error) {
      this.#options.log.error({ err: error }, "the certificate is wrong; the old one stays");
      return false;
    }
  }
}

async function read(options: CredentialOptions): Promise<TlsCredentials> {
  const paths = await pathsOf(options);
  const { ca, crl } = options.believed();
  const shown = { cert: readIn(paths.cert), key: readIn(paths.key) };
  try {
    createSecureContext(shown);
  } catch (error) {
    throw new CannotStart(
      `The certificate in ${paths.cert} and the key in ${paths.key} do not work together: ` +
        `${(error as Error).message}. Both have to be PEM, the key without a password.`,
    );
  }
  return {
    ...shown,
    ...(ca.length > 0 && { ca: [...getCACertificates("default"), ...ca.map(authorities)] }),
    ...(crl.length > 0 && { crl: crl.map(revocations) }),
  };
}

async function pathsOf({ tlsCert, tlsKey, ...own }: CredentialOptions): Promise<CertificatePaths> {
  if (tlsCert !== undefined && tlsKey !== undefined) return { cert: tlsCert, key: tlsKey };
  if (tlsCert === undefined && tlsKey === undefined) {
    return ownCertificate(own.data, own.names, own.now());
  }
  const missing = tlsCert === undefined ? "--tls-cert" : "--tls-key";
  throw new CannotStart(`TLS needs a certificate and its key: ${missing} is missing.`);
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
