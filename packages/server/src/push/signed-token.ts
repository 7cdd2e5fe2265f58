/** JSON Web Tokens that this house signs for push services. RFC 7515, RFC 7519. */
import { type KeyObject, sign } from "node:crypto";

/** In compact form. ES256 takes a key of P-256, RS256 one of RSA; any other throws. */
export function signedToken(
  header: { readonly alg: "ES256" | "RS256"; readonly kid?: string },
  claims: Readonly<Record<string, string | number>>,
  key: KeyObject,
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ ...header, typ: "JWT" })}.${part(claims)}`;
  // A JWT has r and s side by side (RFC 7518 §3.4), which is no DER.
  const how = header.alg === "ES256" ? ({ key, dsaEncoding: "ieee-p1363" } as const) : key;
  return `${text}.${sign("sha256", Buffer.from(text), how).toString("base64url")}`;
}
