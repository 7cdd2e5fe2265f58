// The examples of RFC 6337 as tables, with what the library's machine makes of each.
import { type OfferAnswerExample, offerAnswerTables } from "carillon/testing";

const WORDS = `## Offers and answers

RFC 6337, tables 1 to 4 and figures 1 to 19 (3 is the form that those after it have): every
example that it has of messages that carry offers and answers, played between two machines of
\`carillon/sdp\`, in a call that A has made where none is being made. Letters and numbers in
brackets name descriptions: \`INVITE(1)\` has one, \`INVITE\` has none. \`A → B\` is a message that
arrives before the next one leaves; \`A →\` one that is still on its way, and \`→ B\` its
arrival; \`(A →)\` is what A must not send and a peer may all the same.

Illegal is what the library does not send, by the rule of the RFC that is named; Reject, with its
status, how it refuses what is received. Nothing of that depends on chance: the tests in
\`packages/carillon/src/sdp\` hold each row to what the RFC says.`;

export const offersAndAnswers = (): string =>
  [WORDS, ...offerAnswerTables().map(({ title, rows }) => table(title, rows))].join("\n\n");

function table(title: string, rows: readonly OfferAnswerExample[]): string {
  const head = ["| example | what is said, and what comes of it |", "| --- | --- |"];
  const lines = rows.map(({ name, messages }) => `| ${name} | ${shown(messages).join("<br>")} |`);
  return [`### ${title}`, [...head, ...lines].join("\n")].join("\n\n");
}

interface Said {
  readonly end: string;
  readonly way: string;
  readonly message: string;
  readonly outcome: string;
}

/** `A> M` with `B< M` right after it is one line. */
function shown(messages: readonly string[]): readonly string[] {
  const all = messages.map(said);
  const lines: string[] = [];
  for (let at = 0; at < all.length; at++) {
    const [one, next] = [all[at], all[at + 1]];
    if (!one) break;
    const arrives = one.way === ">" && next?.way === "<" && next.message === one.message;
    if (arrives) at++;
    lines.push(arrives ? over(one, next) : alone(one));
  }
  return lines;
}

function said(line: string): Said {
  const [head = "", outcome = ""] = line.split(": ");
  return { end: head.slice(0, 1), way: head.slice(1, 2), message: head.slice(3), outcome };
}

function over(sent: Said, received: Said): string {
  const outcomes = [sent.outcome, received.outcome].filter((one) => one !== "");
  const both = outcomes.every((one) => one.startsWith("Agreed ")) && outcomes.length === 2;
  const what = both ? "Agreed, as both know" : outcomes.join("; ");
  return withOutcome(`${sent.end} → ${received.end} \`${sent.message}\``, what);
}

function alone({ end, way, message, outcome }: Said): string {
  const arrow = way === "<" ? `→ ${end}` : way === "!" ? `(${end} →)` : `${end} →`;
  return withOutcome(`${arrow} \`${message}\``, outcome);
}

const withOutcome = (line: string, outcome: string): string =>
  outcome === "" ? line : `${line}: ${outcome}`;
