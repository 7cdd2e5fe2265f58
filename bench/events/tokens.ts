/** Tokens of people who live in a house, so that none of them has to be asked for a password. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mintToken } from "carillon/auth";
import { fromText } from "carillon/message";
import { nodeCrypto } from "carillon/node";

/** Longer than any bench. */
const LASTS_MS = 24 * 3_600_000;
/** The program writes as well. */
const BUSY_MS = 15_000;

/** Beside the program that runs in this folder: a session and a token for `u0`, `u1`, … */
export function tokens(folder: string, count: number): readonly string[] {
  const db = new DatabaseSync(join(folder, "data", "carillon.sqlite"), { timeout: BUSY_MS });
  const key = db.prepare("SELECT value FROM house WHERE field = 'token_key'").get() as {
    value: Uint8Array;
  };
  const session = db.prepare("INSERT INTO session VALUES (?, ?, ?, ?)");
  const crypto = nodeCrypto();
  const now = Date.now();
  db.exec("BEGIN");
  const minted = Array.from({ length: count }, (_, nth) => {
    const account = `u${nth}`;
    session.run(`session-${account}`, account, now, now);
    const claims = { account, session: `session-${account}`, expiresAt: now + LASTS_MS };
    return fromText(mintToken(crypto, key.value, claims));
  });
  db.exec("COMMIT");
  db.close();
  return minted;
}
