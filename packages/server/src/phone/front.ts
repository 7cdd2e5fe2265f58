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
  /** What stands in the line that is being typed at a terminal, at each key. */
  typing?(text: string): void;
}

export interface Front<H = Happening> {
  tell(what: H): void;
  /** Prints what was asked for: a document, and the same in words. */
  show(words: string, document: unknown): void;
  close(): void;
}

/** One JSON document a line each way. */
export function scriptFront<H = Happening>(world: FrontWorld, user: FrontUser): Front<H> {
  const lines = createInterface({ input: world.input, crlfDelay: Infinity });
  lines.on("line", (text) => user.line(text)).on("close", () => user.left());
  const write = (document: unknown) => void world.output.write(`${JSON.stringify(document)}\n`);
  return { tell: write, show: (_, document) => write(document), close: () => lines.close() };
}

const METER_MS = 250;

/** Sentences; on a terminal with a prompt below them, which shows how loud it is. */
export function personFront(world: FrontWorld, user: FrontUser): Front;
export function personFront<H>(
  world: FrontWorld,
  user: FrontUser,
  words: (what: H) => string | undefined,
): Front<H>;
export function personFront(
  { input, output }: FrontWorld,
  user: FrontUser,
  words: (what: Happening) => string | undefined = inWords,
): Front {
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
  // Once the line has taken the key in.
  if (isTerminal && user.typing) {
    input.on("keypress", () => setImmediate(() => user.typing?.(lines.line)));
  }
  const meters = isTerminal ? setInterval(() => meter(lines, user), METER_MS) : undefined;
  if (isTerminal) lines.prompt();
  return {
    tell: (what) => {
      const told = words(what);
      if (told !== undefined) say(told);
    },
    show: (told) => say(told),
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
