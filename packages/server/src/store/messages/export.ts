/**
 * All that is kept of one person's conversations as JSON, a line each: first what it is, then the
 * groups they are in, then every entry of their journal in the order of its numbers.
 */
import type { SqliteMessageStore } from "./sqlite-message-store.ts";

export interface ExportWish {
  readonly account: string;
  /** The account's address. */
  readonly address: string;
  /** Now, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Read at a time, so that others have their turn. */
const PAGE = 200;

/** Pieces of text, each some whole lines. What comes while it is read is in it, or is not. */
export async function* exportOf(
  messages: Pick<SqliteMessageStore, "page" | "retention" | "groupsOf">,
  { account, address, at }: ExportWish,
): AsyncGenerator<string> {
  const { last } = messages.page(account, { kind: "After", after: 0, limit: 0 });
  yield line({
    ...{ kind: "Export", version: 1, address, at: new Date(at).toISOString(), last },
    retention: messages.retention(account),
  });
  for (const { name, title, owner, members } of messages.groupsOf(account)) {
    yield line({ kind: "InGroup", name, title, owner, members });
  }
  for (let after = 0; ; ) {
    const page = messages.page(account, { kind: "After", after, limit: PAGE });
    yield page.entries.map((entry) => line({ kind: "Entry", ...entry })).join("");
    after = page.entries.at(-1)?.seq ?? after;
    if (page.isWhole) return;
    await new Promise((later) => setImmediate(later));
  }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
