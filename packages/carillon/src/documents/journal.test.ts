import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import {
  type Entry,
  formatJournalPage,
  type JournalPage,
  MAX_JOURNAL_ENTRIES,
  MAX_JOURNAL_PAGE,
  octetsOfEntry,
  parseJournalPage,
  type What,
} from "./journal.ts";

const BOB = "sip:bob@house.example";
const ANNA = "sip:anna@house.example";
const file = {
  ...{ url: "https://house.example/f/1/a.jpg", name: "a.jpg", size: 7, type: "image/jpeg" },
  hash: "sha-256:00",
};
const said = { kind: "Message", id: "m1", from: BOB, contentType: "text/plain" } as const;
const WHATS: readonly What[] = [
  { ...said, body: "Grüße ☎", file, replyTo: "m0", wants: ["delivered", "displayed"] },
  { ...said, id: "m2", contentType: "image/png", body: "iVBORw0KGgo=", encoding: "base64" },
  { kind: "Edited", id: "m1", from: BOB, contentType: "text/plain", body: "Gruß" },
  { kind: "Retracted", id: "m1", from: BOB },
  { kind: "Receipt", id: "m3", by: BOB, status: "displayed" },
  { kind: "Receipt", id: "m3", by: BOB, status: "delivered", isSeenByServer: true },
  { kind: "Read", upTo: 4 },
  { kind: "Group", title: "Lunch", members: [ANNA, BOB], by: ANNA },
];
const entries: readonly Entry[] = WHATS.map((what, i) => {
  return { seq: 2 * i + 1, at: 1_700_000_000_000 + i, conversation: BOB, what };
});
const PAGE: JournalPage = { entries, last: 99, isWhole: false };

const written = (page: unknown) => fromText(JSON.stringify(page));
const withWhat = (what: unknown) =>
  written({ ...PAGE, entries: [{ seq: 1, at: 0, conversation: BOB, what }] });

describe("a page of a journal", () => {
  test("says the same once it has been written and read", () => {
    expect(parseJournalPage(formatJournalPage(PAGE))).toEqual({ ok: true, value: PAGE });
    const none = { entries: [], last: 0, isWhole: true };
    expect(parseJournalPage(formatJournalPage(none))).toEqual({ ok: true, value: none });
    const around = formatJournalPage({ ...PAGE, entries: [] }).length;
    const sum = entries.reduce((octets, one) => octets + octetsOfEntry(one), around);
    expect(formatJournalPage(PAGE).length).toBe(sum - 1);
  });

  test("is refused where its numbers do not rise, or go beyond the last", () => {
    const [a, b] = entries as [Entry, Entry];
    for (const wrong of [[b, a], [a, a], [{ ...a, seq: 0 }], [{ ...a, seq: 100 }]]) {
      const read = parseJournalPage(written({ ...PAGE, entries: wrong }));
      expect(read).toMatchObject({ ok: false, error: { code: "bad-document", status: 400 } });
    }
  });

  test("is refused where a field is missing, of another kind or too long", () => {
    for (const [nth, what] of WHATS.entries()) {
      expect(parseJournalPage(withWhat(what)).ok, `${nth}`).toBe(true);
      for (const name of Object.keys(what)) {
        const optional = ["file", "replyTo", "wants", "encoding", "isSeenByServer"].includes(name);
        const { [name as keyof What]: _, ...without } = what;
        expect(parseJournalPage(withWhat(without)).ok, `${nth} ${name}`).toBe(optional);
        for (const wrong of [null, 1.5, -1, {}, [], ["x".repeat(600)], "x".repeat(30_000)]) {
          const isList = name === "members" || name === "wants";
          if (isList && Array.isArray(wrong) && wrong.length === 0) continue;
          const read = parseJournalPage(withWhat({ ...what, [name]: wrong }));
          expect(read.ok, `${nth} ${name} ${JSON.stringify(wrong).slice(0, 40)}`).toBe(false);
        }
      }
    }
    for (const wrong of ["", "nonsense", "null", "[]", "7", '{"entries":{}}', "[".repeat(9999)]) {
      expect(parseJournalPage(wrong).ok).toBe(false);
    }
  });

  test("is read though something in it is newer than its reader", () => {
    const newer = { seq: 2, at: 0, conversation: BOB, what: { kind: "Reaction", emoji: "👍" } };
    const [first, , third] = entries as [Entry, Entry, Entry];
    const read = parseJournalPage(
      written({ ...PAGE, theme: "dark", entries: [{ ...first, colour: "red" }, newer, third] }),
    );
    expect(read).toEqual({ ok: true, value: { ...PAGE, entries: [first, third] } });
    const inherited = { seq: 1, at: 0, conversation: BOB, what: { kind: "constructor" } };
    expect(parseJournalPage(written({ ...PAGE, entries: [inherited] }))).toMatchObject({
      value: { entries: [] },
    });
  });

  test("has a limit on entries, and on octets", () => {
    const what = { kind: "Read", upTo: 0 };
    const many = (count: number) => ({
      ...{ last: count, isWhole: true },
      entries: Array.from({ length: count }, (_, i) => {
        return { seq: i + 1, at: 0, conversation: BOB, what };
      }),
    });
    expect(parseJournalPage(written(many(MAX_JOURNAL_ENTRIES))).ok).toBe(true);
    expect(parseJournalPage(written(many(MAX_JOURNAL_ENTRIES + 1))).ok).toBe(false);
    const padded = written(PAGE) + " ".repeat(MAX_JOURNAL_PAGE);
    expect(parseJournalPage(padded.slice(0, MAX_JOURNAL_PAGE)).ok).toBe(true);
    expect(parseJournalPage(padded.slice(0, MAX_JOURNAL_PAGE + 1)).ok).toBe(false);
  });

  test("never throws, whatever is done to it, and says the same when it is read twice", () => {
    const good = formatJournalPage(PAGE);
    const damage = fc.tuple(fc.nat(good.length), fc.nat(20), fc.string({ unit: "binary-ascii" }));
    const property = fc.property(damage, ([at, count, put]) => {
      const read = parseJournalPage(good.slice(0, at) + put + good.slice(at + count));
      if (read.ok) expect(parseJournalPage(formatJournalPage(read.value))).toEqual(read);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
