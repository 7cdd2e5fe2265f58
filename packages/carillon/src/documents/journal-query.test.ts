import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_PARAMS } from "../grammar/params.ts";
import { formatEvent, parseEvent } from "../message/header/event.ts";
import {
  formatJournalQuery,
  JOURNAL_EVENT,
  type JournalQuery,
  parseJournalQuery,
} from "./journal-query.ts";

/** As it goes over the wire, and comes out of it. */
function overTheWire(query: JournalQuery) {
  const params = formatJournalQuery(query);
  const octets = formatEvent({ type: JOURNAL_EVENT, id: undefined, params });
  const event = parseEvent(octets);
  return { octets, query: event.ok ? parseJournalQuery(event.value.params) : event };
}

test("what is asked of a journal says the same once it has been written and read", () => {
  const queries: readonly (readonly [JournalQuery, string])[] = [
    [{}, "carillon-journal"],
    [{ after: 17 }, "carillon-journal;after=17"],
    [{ after: "latest" }, "carillon-journal;after=latest"],
    [
      { before: 40, limit: 50, with: "sip:bob@house.example" },
      'carillon-journal;before=40;limit=50;with="sip:bob@house.example"',
    ],
    [{ find: 'a "word" \\ Ü', limit: 1 }, ""],
  ];
  for (const [query, octets] of queries) {
    const sent = overTheWire(query);
    if (octets !== "") expect(sent.octets).toBe(octets);
    expect(sent.query).toEqual({ ok: true, value: query });
  }
  const texts = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
  const property = fc.property(texts, (find) => {
    if (/[\r\n\0]/.test(find)) expect(() => formatJournalQuery({ find })).toThrow(RangeError);
    else expect(overTheWire({ find }).query).toEqual({ ok: true, value: { find } });
  });
  fc.assert(property);
});

test("what cannot be meant is refused", () => {
  for (const params of [
    ...["after=x", "after=-1", "before=9999999999999999999", "limit=0", "limit=1001", "limit"],
    ...["with", `with="${"x".repeat(513)}"`, "find", `find="${"x".repeat(257)}"`],
    ...["after=1;before=2", "after=1;find=x"],
  ]) {
    const event = parseEvent(`carillon-journal;${params}`);
    if (!event.ok) throw new Error(params);
    const read = parseJournalQuery(event.value.params);
    expect(read, params).toMatchObject({ ok: false, error: { code: "bad-query", status: 400 } });
  }
  expect(parseJournalQuery(NO_PARAMS)).toEqual({ ok: true, value: {} });
});
