/** Fills a data folder beside the program, faster than one command a person would. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mintToken } from "carillon/auth";
import { fromText } from "carillon/message";
import { nodeCrypto } from "carillon/node";
import { DOMAIN } from "./program.ts";

export interface Seeded {
  readonly account: string;
  /** A token that lasts as long as anybody looks. */
  readonly token: string;
}

const MANY_HOURS_MS = 100 * 3_600_000;

/** So many people, each with one session; the first is `p0`. */
export function seedPeople(folder: string, count: number): readonly Seeded[] {
  const db = open(folder);
  const key = db.prepare("SELECT value FROM house WHERE field = 'token_key'").get() as {
    value: Uint8Array;
  };
  const account = db.prepare("INSERT INTO account VALUES (?, ?, 0, 0)");
  const session = db.prepare("INSERT INTO session VALUES (?, ?, ?, ?)");
  const crypto = nodeCrypto();
  const now = Date.now();
  db.exec("BEGIN");
  const people = Array.from({ length: count }, (_, i) => {
    const name = `p${i}`;
    account.run(name, name);
    session.run(`session-${name}`, name, now, now);
    const claims = { account: name, session: `session-${name}`, expiresAt: now + MANY_HOURS_MS };
    return { account: name, token: fromText(mintToken(crypto, key.value, claims)) };
  });
  db.exec("COMMIT");
  db.close();
  return people;
}

/** So many more people, each with a desk phone that is registered over UDP for an hour. */
export function seedRegistered(folder: string, count: number): void {
  const db = open(folder);
  const account = db.prepare("INSERT INTO account VALUES (?, ?, 0, 0)");
  const device = db.prepare(
    `INSERT INTO device (id, account, desk_phone, ha1_md5, ha1_sha256, ha1_sha512_256, created_at)
     VALUES (?, ?, 1, ?, ?, ?, 0)`,
  );
  const binding = db.prepare(
    `INSERT INTO binding (account, place, contact, q, call_id, cseq, expires_at,
       local_host, local_port, remote_host, remote_port, credential)
     VALUES (?, 0, ?, 1000, ?, 1, ?, ?, ?, ?, ?, ?)`,
  );
  const expiresAt = Date.now() + 3_600_000;
  const [md5, sha] = ["0".repeat(32), "0".repeat(64)];
  db.exec("BEGIN");
  for (let i = 0; i < count; i++) {
    const name = `phone${i}`;
    const host = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    account.run(name, name);
    device.run(`device${i}`, name, md5, sha, sha);
    const contact = `sip:${name}@${host}:5060;transport=udp`;
    const callId = `${(i * 7919).toString(16).padStart(24, "0")}@${host}`;
    binding.run(name, contact, callId, expiresAt, "127.0.0.1", 5060, host, 5060, `device${i}`);
  }
  db.exec("COMMIT");
  db.close();
}

const open = (folder: string) => new DatabaseSync(join(folder, "data", "carillon.sqlite"));
export const addressOf = (account: string): string => `sip:${account}@${DOMAIN}`;
