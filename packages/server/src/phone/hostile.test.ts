import { PassThrough } from "node:stream";
import { HOSTILE_STRINGS } from "carillon/testing";
import { expect, test } from "vitest";
import { personFront, scriptFront } from "./front.ts";
import type { Happening } from "./happening.ts";

/** Steers a terminal, turns the direction of writing, or ends a line where nobody said so. */
const STEERS =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** A line is read by a person. */
const MAX_LINE = 2100;
const MAX_LINES = 60;

const end = { by: "remote", code: "SIP_REJECTED", seconds: 0 } as const;
const call = { event: "call", call: 1, direction: "incoming" } as const;

/** Everything that others say, in each field that they choose. */
const FIELDS: Readonly<Record<string, (text: string) => Happening>> = {
  "the name of who calls": (name) => ({ ...call, state: "incoming", peer: "sip:a@b", name }),
  "the address of who calls": (peer) => ({ ...call, state: "incoming", peer, name: "" }),
  "the name of who rings": (name) => ({ ...call, state: "ringing", peer: "sip:a@b", name }),
  "the name of who is on hold": (name) => ({
    ...{ ...call, state: "established", held: "ByUs", peer: "sip:a@b", name },
  }),
  "the reason of an end": (message) => ({
    ...{ ...call, state: "ended", peer: "sip:a@b", name: "Ann", end: { ...end, message } },
  }),
  "why one is not signed in": (why) => ({ event: "registration", state: "Failed", why }),
  "why it is tried again": (why) => ({ event: "registration", state: "Connecting", why }),
  "a tone": (tone) => ({ event: "tone", call: 1, tone, durationMs: 100 }),
  "the target of a transfer": (target) => ({ event: "transfer-asked", call: 1, target }),
  "the reason of a transfer": (why) => ({ event: "transfer", call: 1, state: "Failed", why }),
  "a text": (text) => ({ event: "message", from: "sip:a@b", name: "Ann", text }),
  "the name of who writes": (name) => ({ event: "message", from: "sip:a@b", name, text: "x" }),
  "the address of who writes": (from) => ({ event: "message", from, name: "", text: "x" }),
  "a note": (note) => ({ event: "presence", who: "sip:a@b", status: "busy", note }),
  "a status": (status) => ({ event: "presence", who: "sip:a@b", status, note: "" }),
  "the name of a neighbour": (name) => ({
    ...{ event: "neighbour", name, uri: "sip:a@b", status: "there" },
  }),
  "the name of one who left": (name) => ({ event: "neighbour-left", name }),
  "a trouble": (message) => ({ event: "trouble", code: "REFUSED", message }),
};

function told(front: typeof personFront | typeof scriptFront, what: Happening): string {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const user = { line() {}, left() {}, levels: () => undefined };
  const shown = front({ input, output }, user);
  shown.tell(what);
  shown.close();
  return output.read()?.toString() ?? "";
}

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, "").split("\n");

test.each(Object.keys(FIELDS))("no hostile text in %s steers a terminal, or is long", (field) => {
  for (const { name, text } of HOSTILE_STRINGS) {
    const shown = told(personFront, FIELDS[field]?.(text) as Happening);
    expect(STEERS.exec(shown)?.[0], name).toBeUndefined();
    const lines = linesOf(shown);
    expect(lines.length, name).toBeLessThan(MAX_LINES);
    for (const line of lines) expect(line.length, name).toBeLessThan(MAX_LINE);
  }
});

test.each(Object.keys(FIELDS))("no hostile text in %s makes a line of its own", (field) => {
  for (const { name, text } of HOSTILE_STRINGS) {
    const [first = "", ...more] = linesOf(told(personFront, FIELDS[field]?.(text) as Happening));
    expect(first.length, name).toBeGreaterThan(0);
    for (const line of more) expect(line, name).toMatch(/^ {4}/);
    if (field !== "a text") expect(more, name).toEqual([]);
  }
});

test.each(Object.keys(FIELDS))("%s is one document a line for a program, and whole", (field) => {
  for (const { name, text } of HOSTILE_STRINGS) {
    const what = FIELDS[field]?.(text) as Happening;
    const lines = linesOf(told(scriptFront, what));
    expect(lines.length, name).toBe(1);
    expect(JSON.parse(lines[0] ?? ""), name).toEqual(what);
  }
});
