/** RFC 6337 §2, §3: the six patterns of table 1, rejections of table 2, and figures 1 and 2. */
import { CALLS, over } from "./exchange.ts";

const CALL = CALLS.A;
/** An INVITE of A's that B answers early, and that A knows it. */
export const EARLY: readonly string[] = [
  ...over("A", "INVITE(a)"),
  ...over("B", "1xx-rel(b)"),
  ...over("A", "PRACK"),
  ...over("B", "2xx-PRACK"),
];

/** A row of table 1: the messages of a pattern, from who offers, and where they may be. */
export interface Pattern {
  readonly name: string;
  readonly messages: readonly string[];
  /** In each column of the table, what comes before; and `Y`, or why it must not begin there. */
  readonly phases: Readonly<Record<"Ini" | "Est" | "Early", Phase>>;
}

interface Phase {
  readonly before: readonly string[];
  readonly may: string;
}

const OF_INVITES = {
  Ini: { before: [], may: "Y" },
  Est: { before: CALL, may: "Y" },
  Early: { before: EARLY.slice(0, 4), may: "UAC-II" },
};

export const TABLE_1: readonly Pattern[] = [
  {
    name: "1. INVITE, 2xx",
    messages: [...over("A", "INVITE(o)"), ...over("B", "2xx-INVITE(n)"), ...over("A", "ACK")],
    phases: OF_INVITES,
  },
  {
    name: "2. 2xx, ACK",
    messages: [...over("A", "INVITE"), ...over("B", "2xx-INVITE(o)"), ...over("A", "ACK(n)")],
    phases: OF_INVITES,
  },
  {
    name: "3. INVITE, 1xx-rel",
    messages: [
      ...[...over("A", "INVITE(o)"), ...over("B", "1xx-rel(n)"), ...over("A", "PRACK")],
      ...[...over("B", "2xx-PRACK"), ...over("B", "2xx-INVITE"), ...over("A", "ACK")],
    ],
    phases: OF_INVITES,
  },
  {
    name: "4. 1xx-rel, PRACK",
    messages: [
      ...[...over("A", "INVITE"), ...over("B", "1xx-rel(o)"), ...over("A", "PRACK(n)")],
      ...[...over("B", "2xx-PRACK"), ...over("B", "2xx-INVITE"), ...over("A", "ACK")],
    ],
    phases: OF_INVITES,
  },
  {
    name: "5. PRACK, 2xx",
    messages: [...over("A", "PRACK(o)"), ...over("B", "2xx-PRACK(n)")],
    phases: {
      Ini: { before: [], may: "no INVITE" },
      // A PRACK that may offer acknowledges an answer: it takes a re-INVITE to have one.
      Est: { before: [...CALL, ...EARLY.slice(0, 4)], may: "Y" },
      Early: { before: EARLY.slice(0, 4), may: "Y" },
    },
  },
  {
    name: "6. UPDATE, 2xx",
    messages: [...over("A", "UPDATE(o)"), ...over("B", "2xx-UPDATE(n)")],
    phases: {
      Ini: { before: [], may: "RFC 6337 §2.2" },
      Est: { before: CALL, may: "Y" },
      Early: { before: EARLY, may: "Y" },
    },
  },
];

/** How an offer is rejected: a row of table 2. */
export interface Rejection {
  readonly name: string;
  readonly before: readonly string[];
  readonly messages: readonly string[];
  /** What comes of the last of them. */
  readonly outcome: string;
}

export const TABLE_2: readonly Rejection[] = [
  {
    name: "1, 3. INVITE, 488",
    before: CALL,
    messages: [...over("A", "INVITE(o)"), ...over("B", "failure-INVITE")],
    outcome: "Dropped local offer",
  },
  {
    name: "1, 3 (*). a re-INVITE whose offer was in use",
    before: CALL,
    messages: [...EARLY, ...over("B", "failure-INVITE")],
    outcome: "RolledBack",
  },
  {
    name: "2. 2xx, an answer in the ACK, then a new offer",
    before: CALL,
    messages: [
      ...[...over("A", "INVITE"), ...over("B", "2xx-INVITE(o)"), "A> ACK", ...over("A", "ACK(n)")],
      ...[...over("A", "UPDATE(e)"), ...over("B", "2xx-UPDATE(f)")],
    ],
    outcome: "Agreed (remote answered)",
  },
  {
    name: "4. 1xx-rel, an answer in the PRACK, then a new offer",
    before: [],
    messages: [
      ...[...over("A", "INVITE"), ...over("B", "1xx-rel(o)"), "A> PRACK", ...over("A", "PRACK(n)")],
      ...[...over("B", "2xx-PRACK"), ...over("A", "UPDATE(e)"), ...over("B", "2xx-UPDATE(f)")],
    ],
    outcome: "Agreed (remote answered)",
  },
  {
    name: "5. PRACK, an answer in its 2xx, then a new offer",
    before: EARLY.slice(0, 4),
    messages: [
      ...[...over("A", "PRACK(o)"), "B> 2xx-PRACK", ...over("B", "2xx-PRACK(n)")],
      ...[...over("A", "UPDATE(e)"), ...over("B", "2xx-UPDATE(f)")],
    ],
    outcome: "Agreed (remote answered)",
  },
  {
    name: "5. PRACK, a 488 that some send",
    before: EARLY.slice(0, 4),
    messages: [...over("A", "PRACK(o)"), ...over("B", "failure-PRACK")],
    outcome: "Dropped local offer",
  },
  {
    name: "6. UPDATE, 488",
    before: CALL,
    messages: [...over("A", "UPDATE(o)"), ...over("B", "failure-UPDATE")],
    outcome: "Dropped local offer",
  },
];

/** An INVITE with an offer, and descriptions in its responses. */
export const FIGURE_1: readonly string[] = [
  ...[...over("A", "INVITE(o)"), ...over("B", "1xx(n)"), ...over("B", "1xx-rel")],
  ...["A> UPDATE(e)", ...over("A", "PRACK"), ...over("B", "2xx-PRACK"), "A> UPDATE(e)"],
  ...[...over("B", "1xx-rel(n)"), ...over("A", "PRACK(e)"), ...over("B", "2xx-PRACK(f)")],
  ...[...over("A", "UPDATE(g)"), ...over("B", "2xx-UPDATE(h)"), ...over("B", "1xx-rel")],
  ...[...over("A", "PRACK"), ...over("B", "2xx-PRACK"), "B> 2xx-INVITE(n)"],
  ...[...over("B", "2xx-INVITE"), ...over("A", "ACK")],
];

/** An INVITE without one. */
export const FIGURE_2: readonly string[] = [
  ...[...over("A", "INVITE"), ...over("B", "1xx"), ...over("B", "1xx-rel(o)")],
  ...[...over("A", "PRACK(n)"), ...over("B", "2xx-PRACK"), ...over("B", "1xx-rel")],
  ...[...over("A", "PRACK"), ...over("A", "UPDATE(e)"), ...over("B", "2xx-PRACK")],
  ...[...over("B", "2xx-UPDATE(f)"), "B> 1xx-rel(o)", "B> 2xx-INVITE(o)"],
  ...[...over("B", "2xx-INVITE"), ...over("A", "ACK")],
];
