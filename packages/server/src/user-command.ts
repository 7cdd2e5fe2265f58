/**
 * `carillon user …` read into a value. One table, from which the help is printed, too.
 */
export type UserCommand = (
  | {
      readonly kind: "Add" | "AddDevice";
      /** As typed. */
      readonly person: string;
      readonly deskPhone: boolean;
      readonly label: string;
    }
  | { readonly kind: "List" }
  | { readonly kind: "Remove"; readonly person: string }
  | { readonly kind: "ListDevices"; readonly person: string }
  | { readonly kind: "RevokeDevice"; readonly person: string; readonly device: string }
) & {
  /** The answer is for a program. */
  readonly json: boolean;
};

export interface UserFlags {
  readonly deskPhone: boolean;
  readonly json: boolean;
  readonly label: string | undefined;
}

export const userFlags = [
  { name: "desk-phone", type: "boolean", expected: undefined },
  { name: "json", type: "boolean", expected: undefined },
  { name: "label", type: "string", expected: "a name such as Kitchen" },
] as const;

type Flag = (typeof userFlags)[number]["name"];

interface Row {
  readonly words: string;
  readonly args: readonly string[];
  readonly flags: readonly Flag[];
  readonly about: readonly string[];
  read(args: readonly string[], flags: UserFlags): UserCommand;
}

/** Every command, in the order in which the help lists them. */
export const userCommands: readonly Row[] = [
  {
    words: "add",
    args: ["NAME"],
    flags: ["desk-phone", "label", "json"],
    about: ["A phone for NAME, who is made if new:", "prints its password, once."],
    read: (args, flags) => adding("Add", args, flags),
  },
  {
    words: "list",
    args: [],
    flags: ["json"],
    about: ["Who lives here."],
    read: (_, { json }) => ({ kind: "List", json }),
  },
  {
    words: "remove",
    args: ["NAME"],
    flags: ["json"],
    about: ["Takes a person out, with phones and pages."],
    read: ([person = ""], { json }) => ({ kind: "Remove", person, json }),
  },
  {
    words: "device add",
    args: ["NAME"],
    flags: ["desk-phone", "label", "json"],
    about: ["One more phone for somebody who lives here."],
    read: (args, flags) => adding("AddDevice", args, flags),
  },
  {
    words: "device list",
    args: ["NAME"],
    flags: ["json"],
    about: ["Somebody's phones."],
    read: ([person = ""], { json }) => ({ kind: "ListDevices", person, json }),
  },
  {
    words: "device revoke",
    args: ["NAME", "DEVICE"],
    flags: ["json"],
    about: ["Ends a phone's password and registration,", "by the id or the name in the list."],
    read: ([person = "", device = ""], { json }) => {
      return { kind: "RevokeDevice", person, device, json };
    },
  },
];

function adding(
  kind: "Add" | "AddDevice",
  [person = ""]: readonly string[],
  { deskPhone, label = "", json }: UserFlags,
): UserCommand {
  return { kind, person, deskPhone, label, json };
}

/** What was asked; or in which words it was wrong. */
export function readUserCommand(
  words: readonly string[],
  flags: UserFlags,
): UserCommand | "Help" | string {
  if (words.length === 0 || words[0] === "help") return "Help";
  const row = userCommands.find((one) => {
    return one.words.split(" ").every((word, i) => words[i] === word);
  });
  if (row === undefined) {
    const all = userCommands.map((one) => one.words).join(", ");
    return `Expected one of ${all} after user; found "${words.join(" ")}".`;
  }
  const args = words.slice(row.words.split(" ").length);
  const given = new Set<Flag>([
    ...(flags.deskPhone ? (["desk-phone"] as const) : []),
    ...(flags.json ? (["json"] as const) : []),
    ...(flags.label === undefined ? [] : (["label"] as const)),
  ]);
  const stray = [...given].find((flag) => !row.flags.includes(flag));
  if (stray !== undefined) return `--${stray} means nothing to: carillon user ${row.words}`;
  if (args.length === row.args.length) return row.read(args, flags);
  const expected = row.args.length === 0 ? "nothing more" : row.args.join(" and ");
  const found = ["nothing", "1 word"][args.length] ?? `${args.length} words`;
  const quotes = row.args.length === 0 ? "" : " Names with spaces need quotes.";
  return `carillon user ${row.words} expects ${expected}; found ${found}.${quotes}`;
}
