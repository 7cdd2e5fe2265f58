/** `carillon bans …` read into a value. One table, from which the help is printed, too. */
export type BansCommand = (
  | { readonly kind: "List" }
  | { readonly kind: "Lift"; readonly address: string }
  | { readonly kind: "Add"; readonly address: string; readonly hours: number }
) & {
  /** The answer is for a program. */
  readonly json: boolean;
};

export const bansFlags = [
  { name: "hours", type: "string", expected: "a number of hours, such as 24" },
  { name: "json", type: "boolean", expected: undefined },
] as const;

interface Row {
  readonly word: string;
  readonly args: readonly string[];
  readonly flags: readonly string[];
  readonly about: readonly string[];
  read(address: string, hours: number, json: boolean): BansCommand;
}

const DAY_HOURS = 24;
const LONGEST_HOURS = 10 * 365 * DAY_HOURS;

/** Every command, in the order in which the help lists them. */
export const bansCommands: readonly Row[] = [
  {
    word: "list",
    args: [],
    flags: ["json"],
    about: ["Addresses that are not listened to, why, and until", "when."],
    read: (_address, _hours, json) => ({ kind: "List", json }),
  },
  {
    word: "lift",
    args: ["ADDRESS"],
    flags: ["json"],
    about: ["Ends the ban of an address at once."],
    read: (address, _, json) => ({ kind: "Lift", address, json }),
  },
  {
    word: "add",
    args: ["ADDRESS"],
    flags: ["hours", "json"],
    about: ["Bans an address; for a day, if not told otherwise."],
    read: (address, hours, json) => ({ kind: "Add", address, hours, json }),
  },
];

/** What was asked; or in which words it was wrong. */
export function readBansCommand(
  words: readonly string[],
  flags: ReadonlyMap<string, string>,
): BansCommand | string {
  const [first = "list", ...args] = words;
  const row = bansCommands.find(({ word }) => word === first);
  if (row === undefined) {
    const all = bansCommands.map(({ word }) => word).join(", ");
    return `Expected one of ${all} after bans; found "${words.join(" ")}".`;
  }
  const stray = [...flags.keys()].find((flag) => !row.flags.includes(flag));
  if (stray !== undefined) return `--${stray} means nothing to: carillon bans ${row.word}`;
  const asked = flags.get("hours");
  const hours = asked === undefined ? DAY_HOURS : Number(asked);
  if (!(hours > 0 && hours <= LONGEST_HOURS)) {
    return `--hours expects a number of hours, such as 24, found "${asked}".`;
  }
  if (args.length === row.args.length) return row.read(args[0] ?? "", hours, flags.has("json"));
  const expected = row.args.length === 0 ? "nothing more" : row.args.join(" and ");
  const found = ["nothing", "1 word"][args.length] ?? `${args.length} words`;
  return `carillon bans ${row.word} expects ${expected}; found ${found}.`;
}
