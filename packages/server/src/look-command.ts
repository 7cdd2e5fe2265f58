/** `carillon calls`, `status` and `trace` as values: commands that look and change nothing. */
import type { CallsWish } from "./calls.ts";
import type { TraceOptions } from "./control/show-trace.ts";

export type LookCommand =
  | ({ readonly kind: "Calls" } & CallsWish)
  | { readonly kind: "Status"; readonly json: boolean }
  | ({ readonly kind: "Trace" } & TraceOptions);

export const lookFlags = [
  { name: "full", type: "boolean", expected: undefined },
  { name: "json", type: "boolean", expected: undefined },
] as const;

interface Row {
  readonly args: string;
  readonly flags: readonly string[];
  readonly about: readonly string[];
  read(argument: string | undefined, flags: ReadonlySet<string>): LookCommand;
}

/** Every one of them, in the order in which the help lists them. */
export const lookCommands: Readonly<Record<string, Row>> = {
  calls: {
    args: "[NAME]",
    flags: ["json"],
    about: ["Who called whom in the last ninety days, and how", "it ended."],
    read: (person, flags) => ({ kind: "Calls", person, json: flags.has("json") }),
  },
  status: {
    args: "",
    flags: ["json"],
    about: ["How the running server is."],
    read: (_, flags) => ({ kind: "Status", json: flags.has("json") }),
  },
  trace: {
    args: "[TEXT]",
    flags: ["json", "full"],
    about: [
      "The running server's messages as they come and go;",
      "of those with TEXT in them: a name, an address, a",
      "Call-ID. --full prints them whole. No credentials.",
    ],
    read: (only, flags) => {
      return { kind: "Trace", only, json: flags.has("json"), full: flags.has("full") };
    },
  },
};

/** What was asked, or in which words it was wrong; undefined where it is none of these. */
export function readLookCommand(
  [first = "", ...args]: readonly string[],
  flags: ReadonlySet<string>,
): LookCommand | string | undefined {
  const row = Object.hasOwn(lookCommands, first) ? lookCommands[first] : undefined;
  if (!row) return undefined;
  const stray = [...flags].find((flag) => !row.flags.includes(flag));
  if (stray !== undefined) return `--${stray} means nothing to: carillon ${first}`;
  const most = row.args === "" ? 0 : 1;
  if (args.length <= most) return row.read(args[0], flags);
  const expected = most === 0 ? "nothing more" : `one ${row.args.slice(1, -1)}, or nothing`;
  const found = args.length === 1 ? "1 word" : `${args.length} words`;
  return `carillon ${first} expects ${expected}; found ${found}.`;
}
