/**
 * `carillon bans …`, carried out. It works beside a running server, which knows what was done
 * within a second.
 */
import { isIP } from "node:net";
import { type Ban, sourceOf } from "carillon/roles";
import type { BansCommand } from "../bans-command.ts";
import { CannotStart, orCannotStart } from "../cannot-start.ts";
import { refusal } from "../refusal.ts";
import type { Settings } from "../settings.ts";
import type { Database } from "../store/database.ts";
import { openStore } from "../store/store.ts";
import type { World } from "../users.ts";
import { readBans, removeBan, writeBan } from "./ban-table.ts";

const HOUR_MS = 3_600_000;

/** Does it; what to print. Throws CannotStart in words. */
export function carryOutBans(command: BansCommand, settings: Settings, world: World): string {
  const { clock, hostname } = world;
  const store = orCannotStart(openStore({ ...settings, hostname }, clock));
  try {
    const { words, json } = doIt(command, store.db, clock.wall());
    return command.json ? `${JSON.stringify(json, undefined, 2)}\n` : words;
  } finally {
    store.close();
  }
}

interface Done {
  readonly words: string;
  readonly json: unknown;
}

function doIt(command: BansCommand, db: Database, now: number): Done {
  if (command.kind === "List") return list(db, now);
  const source = sourceCalled(command.address);
  if (command.kind === "Lift") return lift(db, source, now);
  const reason = "by a person";
  const until = now + command.hours * HOUR_MS;
  const ban: Ban = { source, reason, by: "person", since: now, until, times: 1 };
  writeBan(db, ban);
  return {
    words:
      `${source} is not listened to until ${moment(until)}. ` +
      "Phones that have signed in there go on.\n",
    json: { added: jsonOf(ban) },
  };
}

function list(db: Database, now: number): Done {
  const bans = readBans(db).filter(({ until }) => until > now);
  const json = bans.map(jsonOf);
  if (bans.length === 0) return { words: "Nobody is banned.\n", json };
  const width = Math.max(...bans.map(({ source }) => source.length));
  const lines = bans.map(({ source, reason, until, times }) => {
    const often = times > 1 ? `, the ${ordinal(times)} time` : "";
    return `${source.padEnd(width)}  until ${moment(until)}  ${reason}${often}\n`;
  });
  return { words: lines.join(""), json };
}

function lift(db: Database, source: string, now: number): Done {
  const held = readBans(db).some((one) => one.source === source && one.until > now);
  // What is over goes, too: the next one is the first again.
  removeBan(db, source);
  if (!held) throw new CannotStart(refusal("BAN_UNKNOWN"));
  return { words: `${source} is listened to again.\n`, json: { lifted: source } };
}

/** An address, or a network as the list has it. */
function sourceCalled(typed: string): string {
  const address = typed.endsWith("::/64") ? typed.slice(0, -3) : typed;
  if (isIP(address) === 0) throw new CannotStart(refusal("BAN_ADDRESS_INVALID"));
  return sourceOf(address);
}

const jsonOf = ({ since, until, ...ban }: Ban) => ({
  ...ban,
  since: new Date(since).toISOString(),
  until: new Date(until).toISOString(),
});

const moment = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

function ordinal(count: number): string {
  const last = count % 100 > 10 && count % 100 < 14 ? 0 : count % 10;
  return `${count}${["th", "st", "nd", "rd"][last] ?? "th"}`;
}
