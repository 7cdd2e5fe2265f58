/**
 * What a person types to their phone in the terminal, or a script to its socket, as values. One
 * table, from which the help is printed, too.
 */
export type Order =
  | { readonly kind: "Call"; readonly who: string }
  | { readonly kind: "Answer"; readonly call: number | undefined }
  | { readonly kind: "Decline"; readonly call: number | undefined }
  | { readonly kind: "HangUp"; readonly call: number | "all" | undefined }
  | { readonly kind: "Hold"; readonly call: number | undefined }
  | { readonly kind: "Resume"; readonly call: number | undefined }
  | { readonly kind: "Swap" }
  | { readonly kind: "Mute"; readonly muted: boolean }
  | { readonly kind: "Transfer"; readonly call: number | undefined; readonly to: TransferTo }
  | { readonly kind: "Merge" }
  | { readonly kind: "Tones"; readonly tones: string }
  | { readonly kind: "Message"; readonly who: string; readonly text: string }
  | { readonly kind: "Presence"; readonly status: Status; readonly note: string }
  | { readonly kind: "Watch" | "Unwatch"; readonly who: string }
  | { readonly kind: "WatchAll" | "UnwatchAll" }
  | { readonly kind: "Watchers" }
  | { readonly kind: "Decide"; readonly who: string; readonly may: boolean }
  | { readonly kind: "AutoAnswer"; readonly on: boolean }
  | { readonly kind: "Register" }
  | { readonly kind: "Neighbours" }
  | { readonly kind: "Calls" }
  | { readonly kind: "Statistics" }
  | { readonly kind: "Help" }
  | { readonly kind: "Quit" };

/** To somebody, whom it then calls by itself; or to whom one talks in another call already. */
export type TransferTo =
  | { readonly kind: "Person"; readonly who: string }
  | { readonly kind: "Call"; readonly call: number };

export const STATUSES = ["online", "busy", "away", "offline"] as const;
export type Status = (typeof STATUSES)[number];

export type ReadOrder =
  | { readonly ok: true; readonly order: Order }
  /** In words: what was expected, and what was found. */
  | { readonly ok: false; readonly words: string };

interface Row {
  /** The first is shown; the others are for who knows other phones. */
  readonly words: readonly string[];
  readonly args: string;
  readonly about: string;
  read(args: readonly string[]): Order | undefined;
}

/** Every one of them, in the order in which `help` lists them. */
export const orders: readonly Row[] = [
  {
    words: ["call", "c", "dial"],
    args: "WHO",
    about: "Calls a name, a number or an address",
    read: withWho((who) => ({ kind: "Call", who })),
  },
  {
    words: ["answer", "a", "accept"],
    args: "[CALL]",
    about: "Answers the call that rings",
    read: (args) => withCall(args, (call) => ({ kind: "Answer", call })),
  },
  {
    words: ["decline", "reject"],
    args: "[CALL]",
    about: "Says no to it",
    read: (args) => withCall(args, (call) => ({ kind: "Decline", call })),
  },
  {
    words: ["hangup", "h", "bye"],
    args: "[CALL|all]",
    about: "Ends a call, whatever it is at",
    read: (args) =>
      args.length === 1 && args[0] === "all"
        ? { kind: "HangUp", call: "all" }
        : withCall(args, (call) => ({ kind: "HangUp", call })),
  },
  {
    words: ["hold"],
    args: "[CALL]",
    about: "Puts the other side on hold",
    read: (args) => withCall(args, (call) => ({ kind: "Hold", call })),
  },
  {
    words: ["resume", "unhold"],
    args: "[CALL]",
    about: "…and talks to them again",
    read: (args) => withCall(args, (call) => ({ kind: "Resume", call })),
  },
  {
    words: ["swap"],
    args: "",
    about: "Holds this call and takes up the other one",
    read: none({ kind: "Swap" }),
  },
  {
    words: ["mute"],
    args: "",
    about: "They do not hear you",
    read: none({ kind: "Mute", muted: true }),
  },
  {
    words: ["unmute"],
    args: "",
    about: "…they do again",
    read: none({ kind: "Mute", muted: false }),
  },
  {
    words: ["transfer", "t"],
    args: "[CALL] WHO|to CALL",
    about: "Hands a call on: to somebody, or to the other call",
    read: readTransfer,
  },
  {
    words: ["merge", "conference"],
    args: "",
    about: "All of your calls hear each other",
    read: none({ kind: "Merge" }),
  },
  {
    words: ["tones", "dtmf"],
    args: "DIGITS",
    about: "Presses keys: 0-9, *, #, A-D, and , for a pause",
    read: ([tones = "", ...rest]) =>
      rest.length === 0 && /^[0-9*#A-D,]{1,64}$/i.test(tones)
        ? { kind: "Tones", tones: tones.toUpperCase() }
        : undefined,
  },
  {
    words: ["message", "m"],
    args: "WHO TEXT",
    about: "Sends a text",
    read: ([who, ...text]) =>
      who && text.length > 0 ? { kind: "Message", who, text: text.join(" ") } : undefined,
  },
  {
    words: ["presence", "p"],
    args: `${STATUSES.join("|")} [NOTE]`,
    about: "What others are told of you",
    read: ([word, ...note]) => {
      const status = STATUSES.find((one) => one === word);
      return status && { kind: "Presence", status, note: note.join(" ") };
    },
  },
  {
    words: ["watch", "w"],
    args: "WHO|all",
    about: "Tells how they are from now on, or all in your list",
    read: withWho((who) => (who === "all" ? { kind: "WatchAll" } : { kind: "Watch", who })),
  },
  {
    words: ["unwatch"],
    args: "WHO|all",
    about: "…and no more",
    read: withWho((who) => (who === "all" ? { kind: "UnwatchAll" } : { kind: "Unwatch", who })),
  },
  {
    words: ["watchers"],
    args: "",
    about: "Who asks to be told how you are",
    read: none({ kind: "Watchers" }),
  },
  {
    words: ["allow"],
    args: "WHO",
    about: "They are told",
    read: withWho((who) => ({ kind: "Decide", who, may: true })),
  },
  {
    words: ["deny"],
    args: "WHO",
    about: "…or not",
    read: withWho((who) => ({ kind: "Decide", who, may: false })),
  },
  {
    words: ["auto"],
    args: "on|off",
    about: "Answers by itself",
    read: ([word, ...rest]) =>
      rest.length === 0 && (word === "on" || word === "off")
        ? { kind: "AutoAnswer", on: word === "on" }
        : undefined,
  },
  {
    words: ["register"],
    args: "",
    about: "Signs in at the server",
    read: none({ kind: "Register" }),
  },
  {
    words: ["who", "neighbours"],
    args: "",
    about: "Who else is on this network",
    read: none({ kind: "Neighbours" }),
  },
  {
    words: ["calls", "l"],
    args: "",
    about: "Your calls",
    read: none({ kind: "Calls" }),
  },
  {
    words: ["stats", "s"],
    args: "",
    about: "How well they sound",
    read: none({ kind: "Statistics" }),
  },
  { words: ["help", "?"], args: "", about: "This", read: none({ kind: "Help" }) },
  {
    words: ["quit", "q", "exit"],
    args: "",
    about: "Ends all calls, signs off and leaves",
    read: none({ kind: "Quit" }),
  },
];

/** Longer than anybody types; a socket is cut off there, too. */
export const MAX_LINE = 4096;

/** The words of a line, which a quote holds together. `undefined`: an empty line. */
export function readOrder(line: string): ReadOrder | undefined {
  if (line.length > MAX_LINE) return wrong(`A line has no more than ${MAX_LINE} characters.`);
  const words = wordsOf(line);
  return words.length === 0 ? undefined : readWords(words);
}

/** The same, of what a script has split into words by itself. */
export function readWords([first = "", ...args]: readonly string[]): ReadOrder {
  const row = orders.find(({ words }) => words.includes(first.toLowerCase()));
  if (!row) return wrong(`There is no “${first}” here. All that there is: help`);
  const order = row.read(args);
  if (order) return { ok: true, order };
  const found = args.length === 0 ? "nothing" : `“${args.join(" ")}”`;
  return wrong(`${row.words[0]} expects ${row.args || "nothing more"}; found ${found}.`);
}

/** What `help` prints. */
export function ordersHelp(): string {
  const rows = orders.map(({ words, args, about }) => {
    const order = `${words[0]} ${args}`.trimEnd();
    return `  ${order.padEnd(40)} ${about}\n`;
  });
  const rest =
    "CALL is a number from `calls`; without one it is the call that is meant most likely.";
  return `${rows.join("")}\n${rest}\n`;
}

const wrong = (words: string): ReadOrder => ({ ok: false, words });

function none(order: Order): (args: readonly string[]) => Order | undefined {
  return (args) => (args.length === 0 ? order : undefined);
}

function withWho(make: (who: string) => Order): (args: readonly string[]) => Order | undefined {
  return ([who, ...rest]) => (who && rest.length === 0 ? make(who) : undefined);
}

function withCall(
  args: readonly string[],
  make: (call: number | undefined) => Order,
): Order | undefined {
  if (args.length === 0) return make(undefined);
  const call = args.length === 1 ? numberOf(args[0]) : undefined;
  return call === undefined ? undefined : make(call);
}

function readTransfer(args: readonly string[]): Order | undefined {
  const first = args.length > 1 ? numberOf(args[0]) : undefined;
  const [word, other, ...rest] = first === undefined ? args : args.slice(1);
  if (rest.length > 0 || !word) return undefined;
  if (other === undefined) {
    return { kind: "Transfer", call: first, to: { kind: "Person", who: word } };
  }
  const call = word === "to" ? numberOf(other) : undefined;
  return call === undefined
    ? undefined
    : { kind: "Transfer", call: first, to: { kind: "Call", call } };
}

const numberOf = (word: string | undefined): number | undefined =>
  word !== undefined && /^[1-9][0-9]{0,3}$/.test(word) ? Number(word) : undefined;

function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') {
      isQuoted = !isQuoted;
      word ??= "";
    } else if (!isQuoted && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
