/** `node:crypto` behind what SRTP needs. */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import type { SrtpCrypto } from "../rtp/srtp-crypto.ts";

const TAG_BYTES = 16;

/** The ciphers of SRTP by `node:crypto`. RFC 3711 §4, RFC 7714 */
export const nodeSrtpCrypto: SrtpCrypto = {
  aesCtr: (key, iv, bytes) => createCipheriv(`aes-${key.length * 8}-ctr`, key, iv).update(bytes),
  hmacSha1(key, ...parts) {
    const hmac = createHmac("sha1", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
  aesGcmSeal(key, iv, aad, bytes) {
    const cipher = createCipheriv(gcm(key), key, iv).setAAD(aad);
    const sealed = cipher.update(bytes);
    cipher.final();
    return Buffer.concat([sealed, cipher.getAuthTag()]);
  },
  aesGcmOpen(key, iv, aad, sealed) {
    const end = sealed.length - TAG_BYTES;
    if (end < 0) return undefined;
    const decipher = createDecipheriv(gcm(key), key, iv).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(end));
    const opened = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return opened;
  },
};

const gcm = (key: Uint8Array): "aes-128-gcm" | "aes-256-gcm" =>
  key.length === 32 ? "aes-256-gcm" : "aes-128-gcm";
