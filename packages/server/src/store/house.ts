/**
 * What a house keeps for good from its first start: its domain and realm, the id of this node and
 * the keys that sign nonces, cookies and tokens.
 *
 * The realm is a field of its own although it starts as the domain's name: it is hashed into
 * every HA1, so it must stay when a domain is renamed one day.
 */
import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import { done, type Outcome, refused } from "../refusal.ts";
import type { Database } from "./database.ts";
import { newSecret } from "./secret.ts";

export interface House {
  readonly domain: string;
  readonly realm: string;
  /** 32 bytes: signs nonces, Record-Route cookies and branches. */
  readonly key: Uint8Array;
  /** 32 bytes: signs the page's tokens. */
  readonly tokenKey: Uint8Array;
  readonly node: string;
}

/** Reads the house, or founds it with the wanted domain, else the machine's name. */
export function openHouse(
  db: Database,
  wanted: { readonly domain: string | undefined; readonly hostname: string },
): Outcome<House> {
  const house = db.transaction(() => readHouse(db) ?? foundHouse(db, wanted));
  if (wanted.domain !== undefined && wanted.domain !== house.domain) {
    const fixed = `This house is ${house.domain} since its first start`;
    return refused("HOUSE_FIXED", { message: `${fixed}, and --domain says ${wanted.domain}.` });
  }
  return done(house);
}

/** RFC 3261 §25.1, `hostname`: its last label starts with a letter. Or an IPv4 address. */
export function isDomain(text: string): boolean {
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  const top = "[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?";
  const hostname = new RegExp(`^(?:${label}\\.)*${top}$`);
  return text.length <= 253 && (hostname.test(text) || isIPv4(text));
}

function readHouse(db: Database): House | undefined {
  const rows = db.all<{ field: string; value: Uint8Array }>("SELECT field, value FROM house");
  if (rows.length === 0) return undefined;
  const fields = new Map(rows.map(({ field, value }) => [field, value]));
  const bytes = (field: string): Uint8Array => {
    const value = fields.get(field);
    if (value === undefined) throw new Error(`the house has no ${field}`);
    return value;
  };
  const text = (field: string): string => Buffer.from(bytes(field)).toString("utf8");
  return {
    domain: text("domain"),
    realm: text("realm"),
    key: bytes("key"),
    tokenKey: bytes("token_key"),
    node: text("node"),
  };
}

function foundHouse(
  db: Database,
  wanted: { readonly domain: string | undefined; readonly hostname: string },
): House {
  const hostname = wanted.hostname.toLowerCase();
  // A machine may carry a name that no SIP URI can, such as a container's id.
  const domain = wanted.domain ?? (isDomain(hostname) ? hostname : "localhost");
  const house: House = {
    domain,
    realm: domain,
    key: new Uint8Array(randomBytes(32)),
    tokenKey: new Uint8Array(randomBytes(32)),
    node: newSecret(40),
  };
  const write = (field: string, value: Uint8Array): void => {
    db.run("INSERT INTO house (field, value) VALUES (?, ?)", field, value);
  };
  write("domain", Buffer.from(house.domain));
  write("realm", Buffer.from(house.realm));
  write("key", house.key);
  write("token_key", house.tokenKey);
  write("node", Buffer.from(house.node));
  return house;
}
