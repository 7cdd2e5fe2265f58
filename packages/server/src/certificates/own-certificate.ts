/**
 * The certificate that the server makes itself where nobody gives it one, so that calls are
 * encrypted and browsers of other machines get a microphone from the first start on. Nobody but
 * itself vouches for it: a browser warns, and a phone has to be told to take it.
 */
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

export interface OwnNames {
  readonly domain: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
}

export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
/** Apple's systems refuse what is valid for more than 825 days. */
const VALID_DAYS = 820;
/** It is replaced so long before its end. Whoever took it has to take the next one as well. */
const RENEWED_DAYS = 60;

/** Where it lies; made if it is not there, or soon to end. `now` in ms since 1970. */
export async function ownCertificate(
  folder: string,
  names: OwnNames,
  now: number,
): Promise<CertificatePaths> {
  const paths = { cert: join(folder, "tls-cert.pem"), key: join(folder, "tls-key.pem") };
  if (!isGood(paths, names, now)) {
    const made = await makeCertificate(names, now);
    writeFileSync(paths.key, made.key, { mode: 0o600 });
    writeFileSync(paths.cert, made.cert);
  }
  return paths;
}

function isGood(paths: CertificatePaths, { domain }: OwnNames, now: number): boolean {
  if (!existsSync(paths.cert) || !existsSync(paths.key)) return false;
  try {
    const certificate = new X509Certificate(readFileSync(paths.cert));
    const isOurs = (certificate.subjectAltName ?? "").includes(`URI:sip:${domain}`);
    return isOurs && certificate.validToDate.getTime() > now + RENEWED_DAYS * DAY_MS;
  } catch {
    return false;
  }
}

async function makeCertificate(names: OwnNames, now: number) {
  // Its parts find each other by this.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names.domain] }],
    // A clock may be behind ours.
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(alternativeNames(names)),
    ],
  });
  const key = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    cert: `${certificate.toString("pem")}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${lined(key)}\n-----END PRIVATE KEY-----\n`,
  };
}

/** RFC 5922 §7.1: what it speaks for as SIP domain is a URI; the DNS names are for browsers. */
function alternativeNames({ domain, hostname, addresses }: OwnNames) {
  const own = hostname.toLowerCase();
  const named = [...new Set([domain, "localhost", own, `${own}.local`])];
  const [ips, dns] = [[...addresses], [] as string[]];
  for (const name of named) (isIP(name) === 0 ? dns : ips).push(name);
  return [
    { type: "url" as const, value: `sip:${domain}` },
    ...dns.map((value) => ({ type: "dns" as const, value })),
    ...[...new Set(ips)].map((value) => ({ type: "ip" as const, value })),
  ];
}

const lined = (bytes: Buffer): string =>
  bytes.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
