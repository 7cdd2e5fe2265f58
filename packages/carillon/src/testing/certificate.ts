/**
 * Certificates for tests, good ones and bad ones: as much of X.509 (RFC 5280) as that needs. They
 * are made anew in each run, so that none ever expires in a repository.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** What a certificate is to say. Without options beyond the name it is a good one for 30 days. */
export interface CertificateOptions {
  /** The CN of its subject. */
  readonly name: string;
  /** Who signs it; itself if left out. */
  readonly issuer?: Certificate;
  /** Whether it may sign others: basicConstraints of RFC 5280 §4.2.1.9. */
  readonly isAuthority?: boolean;
  /** Its dNSNames. */
  readonly dns?: readonly string[];
  /** Its URIs: `sip:example.com` is a SIP domain identity of RFC 5922 §7.1. */
  readonly uris?: readonly string[];
  /** Addresses; of IPv6 those that end in one group: `::1`, `2001:db8::7`. */
  readonly ips?: readonly string[];
  /** Days from now. */
  readonly validFrom?: number;
  /** Days from now, 30 if left out; a negative number has expired. */
  readonly validTo?: number;
  /** The extended key usage: "mail" is for neither side of TLS. */
  readonly usage?: "server and client" | "mail";
  /** P-256 if left out; OpenSSL takes RSA of 1024 bits for too weak. */
  readonly key?: "P-256" | "RSA 1024";
  /** SHA-256 if left out; OpenSSL refuses SHA-1. */
  readonly hash?: "sha256" | "sha1";
}

/** A certificate and its key, for `tls.createServer` and its like. */
export interface Certificate {
  /** The CN of its subject. */
  readonly name: string;
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** By which a revocation list names it. */
  readonly serial: number;
}

/** Makes a certificate with a new key. It is not from a seed: each has other octets. */
export function certificate(options: CertificateOptions): Certificate {
  const { name, issuer, hash = "sha256" } = options;
  const { publicKey, privateKey } = keysOf(options);
  const signer = issuer ? createPrivateKey(issuer.key) : privateKey;
  const algorithm = signatureAlgorithm(signer, hash);
  const serial = 1 + Math.floor(Math.random() * 2 ** 30);
  const toBeSigned = sequence(
    tagged(0xa0, integer(2)),
    integer(serial),
    algorithm,
    commonName(issuer?.name ?? name),
    sequence(time(options.validFrom ?? -1), time(options.validTo ?? 30)),
    commonName(name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions(options))),
  );
  const der = signed(toBeSigned, signer, hash);
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  return { name, cert: pem("CERTIFICATE", der), key: String(key), serial };
}

/** What an authority says of its certificates that count no more, PEM. RFC 5280 §5. */
export function revocationList(
  authority: Certificate,
  revoked: readonly Certificate[],
  { validTo = 30 }: Pick<CertificateOptions, "validTo"> = {},
): string {
  const signer = createPrivateKey(authority.key);
  const entries = revoked.map(({ serial }) => sequence(integer(serial), time(-1)));
  const toBeSigned = sequence(
    integer(1),
    signatureAlgorithm(signer, "sha256"),
    commonName(authority.name),
    time(-2),
    time(validTo),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
  );
  return pem("X509 CRL", signed(toBeSigned, signer, "sha256"));
}

function signed(toBeSigned: Buffer, signer: KeyObject, hash: "sha256" | "sha1"): Buffer {
  const signature = tagged(0x03, Buffer.from([0]), sign(hash, toBeSigned, signer));
  return sequence(toBeSigned, signatureAlgorithm(signer, hash), signature);
}

function keysOf({ key = "P-256" }: CertificateOptions): {
  publicKey: KeyObject;
  privateKey: KeyObject;
} {
  if (key === "P-256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return generateKeyPairSync("rsa", { modulusLength: 1024 });
}

function signatureAlgorithm(signer: KeyObject, hash: "sha256" | "sha1"): Buffer {
  if (signer.asymmetricKeyType === "ec") {
    return sequence(hash === "sha256" ? oid("1.2.840.10045.4.3.2") : oid("1.2.840.10045.4.1"));
  }
  const name = hash === "sha256" ? "1.2.840.113549.1.1.11" : "1.2.840.113549.1.1.5";
  return sequence(oid(name), tagged(0x05));
}

function extensions(options: CertificateOptions): Buffer[] {
  const {
    isAuthority = false,
    dns = [],
    uris = [],
    ips = [],
    usage = "server and client",
  } = options;
  const purposes = usage === "mail" ? ["4"] : ["1", "2"];
  const names = [
    ...dns.map((value) => tagged(0x82, Buffer.from(value, "latin1"))),
    ...uris.map((value) => tagged(0x86, Buffer.from(value, "latin1"))),
    ...ips.map((value) => tagged(0x87, addressBytes(value))),
  ];
  const authority = isAuthority ? [tagged(0x01, Buffer.from([0xff]))] : [];
  const all = [extension("2.5.29.19", sequence(...authority))];
  if (names.length > 0) all.push(extension("2.5.29.17", sequence(...names)));
  if (!isAuthority) {
    const ids = purposes.map((one) => oid(`1.3.6.1.5.5.7.3.${one}`));
    all.push(extension("2.5.29.37", sequence(...ids)));
  }
  return all;
}

function addressBytes(ip: string): Buffer {
  if (!ip.includes(":")) return Buffer.from(ip.split(".").map(Number));
  const [head = "", tail = ""] = ip.split("::");
  const words = head === "" ? [] : head.split(":");
  const bytes = Buffer.alloc(16);
  for (const [i, word] of words.entries()) bytes.writeUInt16BE(Number.parseInt(word, 16), 2 * i);
  bytes.writeUInt16BE(Number.parseInt(tail, 16), 14);
  return bytes;
}

const extension = (id: string, value: Buffer) => sequence(oid(id), tagged(0x04, value));
const commonName = (name: string) =>
  sequence(tagged(0x31, sequence(oid("2.5.4.3"), tagged(0x0c, Buffer.from(name)))));

function time(daysFromNow: number): Buffer {
  const iso = new Date(Date.now() + daysFromNow * 86_400_000).toISOString();
  return tagged(0x17, Buffer.from(`${iso.slice(2, 19).replaceAll(/[-T:]/g, "")}Z`));
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  return tagged(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function oid(text: string): Buffer {
  const [a = 0, b = 0, ...rest] = text.split(".").map(Number);
  const bytes = [a * 40 + b];
  for (const part of rest) {
    const digits = [part & 127];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 127) | 128);
    bytes.push(...digits);
  }
  return tagged(0x06, Buffer.from(bytes));
}

const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts);

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), value]);
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function pem(what: string, der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${what}-----\n${lines}\n-----END ${what}-----\n`;
}
