/** What our servers take of TLS, and what not. */
import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";

/**
 * For the context of a TLS server: TLS 1.2 at least; ciphers with forward secrecy that authenticate
 * what they encrypt, which is all of TLS 1.3, and of 1.2 what RFC 9325 §4.2 recommends with
 * ChaCha20-Poly1305 beside (RFC 7905). Nobody shakes hands anew on a connection, which costs a
 * server far more than a client.
 */
export const SERVER_TLS: Readonly<
  Required<Pick<SecureContextOptions, "minVersion" | "ciphers" | "secureOptions">>
> = {
  minVersion: "TLSv1.2",
  ciphers: [
    ...["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"],
    ...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
    ...["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
    ...["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"],
  ].join(":"),
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};
