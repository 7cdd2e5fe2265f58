/**
 * `carillon messages …` read into a value. One table, from which the help is printed, too.
 */
export type MessagesCommand = (
  | { readonly kind: "Usage" }
  /** As typed. */
  | { readonly kind: "Export"; readonly person: string }
  | { readonly kind: "Sweep" }
) & {
  /** The answer is for a program. */
  readonly json: boolean;
};

interface Row {
  readonly word: string;
  readonly args: readonly string[];
  /** Whether it can be told --json. */
  readonly json: boolean;
  readonly about: readonly string[];
  read(args: readonly string[], json: boolean): MessagesCommand;
}

/** Every command, in the order in which the help lists them. */
export const messagesCommands: readonly Row[] = [
  {
    word: "usage",
    args: [],
    json: true,
    about: ["How much is kept of whose messages."],
    read: (_, json) => ({ kind: "Usage", json }),
  },
  {
    word: "export",
    args: ["NAME"],
    json: false,
    about: ["All of somebody's messages on stdout, one JSON", "document a line."],
    read: ([person = ""], json) => ({ kind: "Export", person, json }),
  },
  {
    word: "sweep",
    args: [],
    json: true,
    about: [
      "Takes out now what is kept no longer; a running",
      "server does so by itself every hour.",
    ],
    read: (_, json) => ({ kind: "Sweep", json }),
  },
];

/** What was asked; or in which words it was wrong. */
export function readMessagesCommand(
  words: readonly string[],
  flags: ReadonlySet<string>,
): MessagesCommand | "Help" | string {
  const [first = "help", ...args] = words;
  if (first === "help") return "Help";
  const row = messagesCommands.find(({ word }) => word === first);
  if (row === undefined) {
    const all = messagesCommands.map(({ word }) => word).join(", ");
    return `Expected one of ${all} after messages; found "${words.join(" ")}".`;
  }
  const stray = [...flags].find((flag) => flag !== "json" || !row.json);
  if (stray !== undefined) return `--${stray} means nothing to: carillon messages ${row.word}`;
  if (args.length === row.args.length) return row.read(args, flags.has("json"));
  const expected = row.args.length === 0 ? "nothing more" : row.args.join(" and ");
  const found = ["nothing", "1 word"][args.length] ?? `${args.length} words`;
  const quotes = row.args.length === 0 ? "" : " Names with spaces need quotes.";
  return `carillon messages ${row.word} expects ${expected}; found ${found}.${quotes}`;
}
