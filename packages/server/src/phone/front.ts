/**
 * Where a phone in the terminal meets whoever uses it: a person at a keyboard, or a program that
 * reads and writes JSON. Both give lines and are told what happens.
 */
import { createInterface, type Interface } from "node:readline";
import { STEERS } from "../client/harmless.ts";
import type { Happening } from "./happening.ts";
import { type Levels, meterLine } from "./meter-line.ts";
import { inWords } from "./words.ts";

export interface FrontWorld {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface FrontUser {
  line(text: string): void;
  /** The input has ended, or Ctrl+C. */
  left(): void;
  /** How loud it is; undefined while nobody talks. */
  levels(): Levels | undefined;
}

export interface Front {
  tell(what: Happening): void;
  /** Prints what was asked for: a document, and the same in words. */
  show(words: string, document: unknown): void;
  close(): void;
}

/** One JSON document a line each way. */
export function scriptFront(world: FrontWorld, user: FrontUser): Front {
  const lines = createInterface({ input: world.input, crlfDelay: Infinity });
  lines.on("line", (text) => user.line(text)).on("close", () => user.left());
  const write = (document: unknown) => void world.output.write(`${JSON.stringify(document)}\n`);
  return { tell: write, show: (_, document) => write(document), close: () => lines.close() };
}

const METER_MS = 250;

/** Sentences; on a terminal with a prompt below them, which shows how loud it is. */
export function personFront({ input, output }: FrontWorld, user: FrontUser): Front {
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const lines = createInterface({ input, output, terminal: isTerminal, prompt: PROMPT });
  lines.on("SIGINT", () => lines.close()).on("close", () => user.left());
  lines.on("line", (text) => {
    user.line(text);
    if (isTerminal) lines.prompt();
  });
  const say = (words: string) => {
    if (isTerminal) output.write("\r\u001b[K");
    output.write(`${shown(words)}\n`);
    if (isTerminal) lines.prompt(true);
  };
  const meters = isTerminal ? setInterval(() => meter(lines, user), METER_MS) : undefined;
  if (isTerminal) lines.prompt();
  return {
    tell: (what) => {
      const words = inWords(what);
      if (words !== undefined) say(words);
    },
    show: (words) => say(words),
    close: () => {
      clearInterval(meters);
      lines.close();
    },
  };
}

const PROMPT = "> ";

function meter(lines: Interface, user: FrontUser): void {
  const levels = user.levels();
  const prompt = levels ? `${meterLine(levels)} ${PROMPT}` : PROMPT;
  if (prompt === lines.getPrompt()) return;
  lines.setPrompt(prompt);
  lines.prompt(true);
}

/** Whatever was overlooked elsewhere does not steer the terminal. */
const shown = (words: string): string => words.replace(STEERS, (one) => (one === "\n" ? one : "?"));
