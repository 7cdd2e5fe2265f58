/**
 * `carillon messages …`, carried out. It works beside a running server.
 */
import { CannotStart, orCannotStart } from "./cannot-start.ts";
import type { MessagesCommand } from "./messages-command.ts";
import { refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { Database } from "./store/database.ts";
import { exportOf } from "./store/messages/export.ts";
import { groupsOf } from "./store/messages/groups.ts";
import { readPage, readUsage, type Usage } from "./store/messages/journal-reader.ts";
import { retentionOf, SWEEP_START, sweepMessages } from "./store/messages/retention.ts";
import { readName } from "./store/name.ts";
import { openStore, type Store } from "./store/store.ts";
import type { World } from "./users.ts";

/** Resolves when there is room for more. */
export type Print = (text: string) => Promise<void> | void;

/** Entries of one transaction: a running server waits no longer than for that. */
const PIECE = 1000;

/** Does it, and prints what comes of it. Throws CannotStart in words. */
export async function carryOutMessages(
  command: MessagesCommand,
  settings: Settings,
  world: World & { readonly print: Print },
): Promise<void> {
  const { clock, hostname, print } = world;
  const store = orCannotStart(openStore({ ...settings, hostname }, clock));
  try {
    switch (command.kind) {
      case "Usage":
        return await print(usage(store.db, command.json));
      case "Export":
        return await exportAll(store, command.person, world);
      case "Sweep":
        return await print(sweep(store.db, clock.wall(), command.json));
    }
  } finally {
    store.close();
  }
}

function usage(db: Database, json: boolean): string {
  const rows = readUsage(db);
  if (json) return inJson(rows);
  if (rows.length === 0) return "Nobody has said anything yet.\n";
  const width = Math.max(...rows.map(({ account }) => account.length));
  return rows.map((row) => `${row.account.padEnd(width)}  ${inWords(row)}\n`).join("");
}

function inWords({ entries, unread, oldestAt }: Usage): string {
  const since = oldestAt === null ? "" : ` since ${new Date(oldestAt).toISOString().slice(0, 10)}`;
  return `${entries} ${entries === 1 ? "entry" : "entries"}${since}, ${unread} unread`;
}

async function exportAll(
  { accounts, house, db }: Store,
  typed: string,
  { clock, print }: World & { readonly print: Print },
): Promise<void> {
  const read = readName(typed);
  const person = read.ok ? accounts.person(read.value.name) : undefined;
  if (person === undefined) throw new CannotStart(refusal("PERSON_UNKNOWN"));
  const account = person.name;
  const messages = {
    page: (...args: [string, Parameters<typeof readPage>[2]]) => readPage(db, ...args),
    retention: (name: string) => retentionOf(db, name),
    groupsOf: (name: string) => groupsOf(db, name),
  };
  const address = `sip:${account}@${house.domain}`;
  for await (const lines of exportOf(messages, { account, address, at: clock.wall() })) {
    await print(lines);
  }
}

function sweep(db: Database, nowMs: number, json: boolean): string {
  let gone = 0;
  for (let place = SWEEP_START; ; ) {
    const swept = db.transaction(() => sweepMessages(db, { nowMs, limit: PIECE, place }));
    gone += swept.gone;
    if (swept.isAtEnd) break;
    place = swept.next;
  }
  if (json) return inJson({ gone });
  return gone === 0
    ? "Nothing is older than it may be.\n"
    : `${gone} ${gone === 1 ? "entry is" : "entries are"} gone.\n`;
}

const inJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
