/** `carillon calls`, `connect`, `record`, `status` and `trace` as values. */
import type { CallsWish } from "./calls.ts";
import type { ConnectWish } from "./control/show-connect.ts";
import type { RecordWish } from "./control/show-record.ts";
import type { TraceOptions } from "./control/show-trace.ts";

export type LookCommand =
  | ({ readonly kind: "Calls" } & CallsWish)
  | ({ readonly kind: "Connect" } & ConnectWish)
  | ({ readonly kind: "Record" } & RecordWish)
  | { readonly kind: "Status"; readonly json: boolean }
  | ({ readonly kind: "Trace" } & TraceOptions);

export const lookFlags = [
  { name: "csv", type: "boolean", expected: undefined },
  { name: "full", type: "boolean", expected: undefined },
  { name: "json", type: "boolean", expected: undefined },
  { name: "live", type: "boolean", expected: undefined },
  { name: "stop", type: "boolean", expected: undefined },
  { name: "webm", type: "boolean", expected: undefined },
] as const;

interface Row {
  /** In brackets what may be left out. */
  readonly args: readonly string[];
  readonly flags: readonly string[];
  readonly about: readonly string[];
  read(args: readonly string[], flags: ReadonlySet<string>): LookCommand;
}

/** Every one of them, in the order in which the help lists them. */
export const lookCommands: Readonly<Record<string, Row>> = {
  calls: {
    args: ["[NAME]"],
    flags: ["csv", "json", "live"],
    about: [
      "Who called whom in the last ninety days, how it",
      "ended, and how it sounded where media went through",
      "here. --csv: a table. --live: the calls of this",
      "moment.",
    ],
    read: ([person], flags) => {
      const [csv, json, live] = [flags.has("csv"), flags.has("json"), flags.has("live")];
      return { kind: "Calls", person, csv, json, live };
    },
  },
  connect: {
    args: ["NAME", "NAME"],
    flags: ["json"],
    about: [
      "Has the running server call two people, the second",
      "when the first has answered, and has them talk.",
    ],
    read: ([first = "", second = ""], flags) => {
      return { kind: "Connect", first, second, json: flags.has("json") };
    },
  },
  record: {
    args: ["CALL"],
    flags: ["json", "stop", "webm"],
    about: [
      "Has the running server record a call that goes",
      "through it, and says where to; both are told. CALL is",
      "an id of calls --live, or a name. --stop ends it;",
      "--webm has the pictures, too.",
    ],
    read: ([call = ""], flags) => {
      const [stop, webm] = [flags.has("stop"), flags.has("webm")];
      return { kind: "Record", call, stop, webm, json: flags.has("json") };
    },
  },
  status: {
    args: [],
    flags: ["json"],
    about: ["How the running server is."],
    read: (_, flags) => ({ kind: "Status", json: flags.has("json") }),
  },
  trace: {
    args: ["[TEXT]"],
    flags: ["json", "full"],
    about: [
      "The running server's messages as they come and go;",
      "of those with TEXT in them: a name, an address, a",
      "Call-ID. --full prints them whole. No credentials.",
    ],
    read: ([only], flags) => {
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
  const least = row.args.filter((arg) => !arg.startsWith("[")).length;
  if (args.length >= least && args.length <= row.args.length) return row.read(args, flags);
  const expected = expectedIn(row.args);
  const found = args.length === 1 ? "1 word" : `${args.length || "no"} words`;
  return `carillon ${first} expects ${expected}; found ${found}.`;
}

function expectedIn([first, ...others]: readonly string[]): string {
  if (first === undefined) return "nothing more";
  if (first.startsWith("[")) return `one ${first.slice(1, -1)}, or nothing`;
  return [first, ...others].join(" and ");
}
