/** The keys by which push services know this house (RFC 8292): made once, and kept for good. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import webPush from "web-push";
import { z } from "zod";

/** Both base64url: an uncompressed point of P-256, and its number. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const kept = z.object({ publicKey: z.string().length(87), privateKey: z.string().length(43) });

/**
 * Those of this data folder. Every subscription is made for them: with others, each page would have
 * to be asked anew. Throws on a file that cannot be read or written.
 */
export function vapidKeys(data: string): VapidKeys {
  const path = join(data, "vapid.json");
  if (existsSync(path)) {
    chmodSync(path, 0o600);
    return kept.parse(JSON.parse(readFileSync(path, "utf8")));
  }
  const made = webPush.generateVAPIDKeys();
  mkdirSync(data, { recursive: true });
  writeFileSync(path, JSON.stringify(made), { mode: 0o600, flag: "wx" });
  return made;
}
