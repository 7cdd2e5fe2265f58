/** Documents with something done to them: read or refused, and what is read is written again. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import type { Result } from "../grammar/result.ts";
import { formatConference, parseConference, parseConferenceInfo } from "./conference-info.ts";
import { formatCpim, parseCpim } from "./cpim.ts";
import { formatDialogInfo, parseDialogInfo } from "./dialog-info.ts";
import { formatImdn, parseImdn } from "./imdn.ts";
import { formatIsComposing, parseIsComposing } from "./is-composing.ts";
import { formatJournalPage, parseJournalPage } from "./journal.ts";
import { mergeConference } from "./merge-conference.ts";
import { formatMessageSummary, parseMessageSummary } from "./message-summary.ts";
import { formatPidf, parsePidf } from "./pidf.ts";
import { formatReginfo, parseReginfo } from "./reginfo.ts";
import { formatResourceLists, parseResourceLists } from "./resource-lists.ts";
import { formatRlmi, parseRlmi } from "./rlmi.ts";
import { formatWatcherInfo, parseWatcherInfo } from "./watcherinfo.ts";

/** A good one, and what becomes of it when it is read and written again; undefined: refused. */
interface Kind {
  readonly good: Octets;
  readonly again: (octets: Octets) => Octets | undefined;
}

const kind =
  <T>(parse: (octets: Octets) => Result<T>, format: (value: T) => Octets) =>
  (value: T): Kind => ({
    good: format(value),
    again: (octets) => {
      const read = parse(octets);
      return read.ok ? format(read.value) : undefined;
    },
  });

const party = { identity: "sip:bob@b", displayName: "Bob", target: "sip:bob@192.0.2.7" };
const contact = { id: "c", uri: "sip:a@b", state: "active", event: "registered", q: 0.5 } as const;
const medium = { id: "1", type: "audio", label: "3", srcId: "4", status: "sendrecv" } as const;
const endpoint = {
  entity: "sip:b@c",
  displayText: "desk",
  status: "connected",
  media: [medium],
} as const;
const date = new Date(1_000_000_000_000);
const said = { kind: "Message", id: "m", from: "sip:a@b", contentType: "text/plain" } as const;
const file = { url: "https://b/f/1", name: "a.png", size: 7, type: "image/png" };

const KINDS: Readonly<Record<string, Kind>> = {
  pidf: kind(parsePidf, (one) => formatPidf(one))({
    entity: "pres:a@b",
    tuples: [
      { id: "t", basic: "open", contact: "sip:a@b", priority: 0.5, notes: ["x"], timestamp: date },
    ],
    ...{ notes: ["away & back"], activities: ["lunch", "reading"] },
  }),
  watcherInfo: kind(
    parseWatcherInfo,
    formatWatcherInfo,
  )({
    ...{ version: 1, state: "full" },
    lists: [
      {
        ...{ resource: "sip:a@b", package: "presence" },
        watchers: [
          { id: "w", uri: "sip:c@d", displayName: "C & D", status: "pending", event: "subscribe" },
        ],
      },
    ],
  }),
  rlmi: kind(
    parseRlmi,
    formatRlmi,
  )({
    ...{ uri: "sip:a@b", version: 1, isFull: true, names: ["all"] },
    resources: [
      { uri: "sip:c@d", names: ["C"], instances: [{ id: "1", state: "active", cid: "x@y" }] },
    ],
  }),
  dialogInfo: kind(
    parseDialogInfo,
    formatDialogInfo,
  )({
    ...{ version: 1, state: "full", entity: "sip:a@b" },
    dialogs: [{ id: "1", state: "confirmed", callId: "c", durationSeconds: 7, remote: party }],
  }),
  reginfo: kind(
    parseReginfo,
    formatReginfo,
  )({
    ...{ version: 1, state: "partial" },
    registrations: [{ id: "r", aor: "sip:a@b", state: "active", contacts: [contact] }],
  }),
  conference: kind(parseConference, (one) => formatConference(one, 1))({
    ...{ entity: "sip:c@d", isOver: false, subject: "goals", userCount: 1, isLocked: true },
    users: [{ entity: "sip:a@b", displayText: "Al", roles: ["speaker"], endpoints: [endpoint] }],
  }),
  messageSummary: kind(
    parseMessageSummary,
    formatMessageSummary,
  )({
    ...{ isWaiting: true, account: "sip:a@b" },
    counts: new Map([["voice-message", { new: 1, old: 2, urgentNew: 3, urgentOld: 4 }]]),
  }),
  imdn: kind(
    parseImdn,
    formatImdn,
  )({
    ...{ messageId: "m", dateTime: date, recipientUri: "im:a@b", originalRecipientUri: "im:c@d" },
    ...{ kind: "display", status: "displayed" },
  }),
  journal: kind(
    parseJournalPage,
    formatJournalPage,
  )({
    entries: [
      { seq: 1, at: 7, conversation: "sip:a@b", what: { ...said, body: "x & ü", file } },
      { seq: 3, at: 8, conversation: "sip:a@b", what: { kind: "Read", upTo: 1 } },
    ],
    ...{ last: 9, isWhole: false },
  }),
  resourceLists: kind(
    parseResourceLists,
    formatResourceLists,
  )([
    {
      ...{ name: "l", displayName: "A & B", lists: [] },
      entries: [{ uri: "sip:a@b", displayName: "A", copyControl: "cc", isAnonymous: true }],
    },
  ]),
  isComposing: kind(
    parseIsComposing,
    formatIsComposing,
  )({
    ...{ state: "active", lastActive: date, contentType: "text/plain", refreshSeconds: 90 },
  }),
};

const CPIM = formatCpim({
  ...{ from: { name: 'A "B"', uri: "im:a@b" }, to: { name: "", uri: "im:c@d" }, dateTime: date },
  extensions: [{ namespace: "u:1", name: "X", value: "1" }],
  ...{ prefixes: { "u:1": "p" }, contentHeaders: [["Content-Type", "text/plain"]], content: "x" },
});

const PIECES = [
  ...[
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&amp;",
    "&#0;",
    ";",
    '"',
    "'",
    "=",
    " ",
    "\r\n",
    "\0",
    "\xff",
    "a",
  ],
  ...[
    "<a>",
    "</a>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x?>",
    "<!DOCTYPE a>",
    "xmlns='u:x'",
    ":",
  ],
  ...[
    "-1",
    "99999999999",
    "state='deleted'",
    "id='1'",
    "version='2'",
    "\xc3\xbc",
    "\\",
    "\r\n\r\n",
  ],
];

/** Something cut out, put in, or said twice, a few times. */
const spoiled = (good: Octets): fc.Arbitrary<Octets> =>
  fc
    .array(fc.tuple(fc.nat(good.length), fc.nat(30), fc.constantFrom(...PIECES, "cut", "twice")), {
      ...{ minLength: 1, maxLength: 4 },
    })
    .map((changes) => {
      let text = good;
      for (const [at, length, what] of changes) {
        const [before, part, after] = [
          text.slice(0, at),
          text.slice(at, at + length),
          text.slice(at + length),
        ];
        if (what === "cut") text = before + after;
        else if (what === "twice") text = before + part + part + after;
        else text = before + what + part + after;
      }
      return text;
    });

describe.each(Object.entries(KINDS))("%s", (_, { good, again }) => {
  test("is read as it was written", () => {
    expect(again(good)).toBe(good);
  });

  test("is read or refused, whatever was done to it, and comes to rest when written", () => {
    fc.assert(
      fc.property(spoiled(good), (octets) => {
        const once = again(octets);
        if (once !== undefined) expect(again(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });
});

test("message/cpim is read or refused, whatever was done to it", () => {
  let read = 0;
  fc.assert(
    fc.property(spoiled(CPIM), (octets) => {
      if (parseCpim(octets).ok) read++;
    }),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(0);
});

test("conferences are merged with whatever was done to them", () => {
  const good = KINDS["conference"]?.good ?? "";
  const whole = parseConferenceInfo(good);
  if (!whole.ok) throw new Error(whole.error.message);
  const part = good
    .replace('state="full"', 'state="partial"')
    .replace('version="1"', 'version="2"');
  let merged = 0;
  fc.assert(
    fc.property(spoiled(part), (octets) => {
      const next = parseConferenceInfo(octets);
      if (next.ok && mergeConference(whole.value, next.value).kind === "New") merged++;
    }),
    { numRuns: 1000 },
  );
  expect(merged).toBeGreaterThan(0);
});
