/** The certificate that the operator gave, from its files. */
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { TlsCredentials } from "carillon/node";
import { CannotStart } from "../cannot-start.ts";

export interface TlsFiles {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

/** Undefined when none is given. Throws CannotStart in words if it is of no use. */
export function readTlsFiles({ tlsCert, tlsKey }: TlsFiles): TlsCredentials | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const missing = tlsCert === undefined ? "--tls-cert" : "--tls-key";
    throw new CannotStart(`TLS needs a certificate and its key: ${missing} is missing.`);
  }
  const credentials = { cert: read(tlsCert), key: read(tlsKey) };
  try {
    createSecureContext(credentials);
  } catch (error) {
    throw new CannotStart(
      `The certificate in ${tlsCert} and the key in ${tlsKey} do not work together: ` +
        `${(error as Error).message}. Both have to be PEM, the key without a password.`,
    );
  }
  return credentials;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CannotStart(`${file} cannot be read: ${(error as Error).message}.`);
  }
}
