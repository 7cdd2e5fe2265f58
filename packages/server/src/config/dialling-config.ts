/**
 * `dialling` of the configuration: how much people here call, and which numbers elsewhere. What is
 * left out is for a household: few calls at a time, and none to other countries.
 */
import {
  type NumberKind,
  type NumberReading,
  numberReadings,
  OUTGOING_LIMITS,
  type OutgoingLimits,
  type OutgoingPolicy,
  userDialled,
} from "carillon/roles";
import { z } from "zod";

const KINDS = {
  national: "National",
  international: "International",
  premium: "Premium",
  codes: "Code",
} as const satisfies Record<string, NumberKind>;

const code = z.string().regex(/^\+\d{1,4}$/, { error: "the code of a country, such as +49" });
const digits = z.string().regex(/^\d{1,15}$/, { error: "digits, such as 00" });
const beginning = z
  .string()
  .regex(/^\+?\d{1,15}$/, { error: "the beginning of a number, such as 0900 or +979" });

const most = {
  /** Legs at a time that lead to elsewhere; 4 if left out. */
  atOnce: z.number().int().min(0).max(10_000).optional(),
  /** What one of them may last, in minutes; 240 if left out. */
  minutesEach: z.number().min(1).max(10_080).optional(),
  /** Calls to elsewhere in a day; 200 if left out. */
  callsEachDay: z.number().int().min(0).max(1_000_000).optional(),
  /** Minutes that all of them may last together, in a day; 600 if left out. */
  minutesEachDay: z.number().min(0).max(10_000_000).optional(),
  /** Calls at a time to people of the house; 1000 if left out. */
  insideAtOnce: z.number().int().min(1).max(100_000).optional(),
  /** Kinds of numbers that may be called; `["national"]` if left out. Names always may. */
  may: z.array(z.enum(["national", "international", "premium", "codes"])).optional(),
  /** Beginnings of numbers that may be called all the same: `+33`. */
  to: z.array(beginning).max(1000).optional(),
};

export const dialling = z.union([
  z.literal(false),
  z.strictObject({
    ...most,
    /** The same for one person, in place of what everybody has. */
    people: z.record(z.string().min(1), z.strictObject(most)).optional(),
    /** The codes of countries that are not abroad: `+49`. None if left out. */
    own: z.array(code).max(16).optional(),
    /** What is dialled before such a code: `00`, and `011` where `own` is +1 or left out. */
    international: z.array(digits).min(1).max(8).optional(),
    /** What is dialled before an area code; 0 if left out. */
    national: z
      .string()
      .regex(/^\d{0,4}$/, { error: "digits" })
      .optional(),
    /** What is dialled to get a line; nothing if left out. */
    line: z.array(digits).max(8).optional(),
    /** Beginnings of dear numbers, in place of those that are known. */
    premium: z.array(beginning).max(1000).optional(),
    /** Passes REFER on to elsewhere, where calls then go on uncounted. False if left out. */
    handOver: z.boolean().optional(),
  }),
]);

type Dialling = Exclude<z.input<typeof dialling>, false>;
type Most = Pick<Dialling, keyof typeof most>;

/** As the library asks for it. */
export function diallingPolicy(config: Dialling = {}): OutgoingPolicy {
  const { own, international, national, line, premium, people = {}, handOver = false } = config;
  const plan = {
    ...(own && { own }),
    ...(international && { international }),
    ...(national !== undefined && { national }),
    ...(line && { line }),
    ...(premium && { premium }),
  };
  const readings = numberReadings(plan);
  const everybody = rightsOf(config);
  const rights = new Map(
    Object.entries(people).map(([name, own]) => [name, rightsOf({ ...config, ...own })]),
  );
  const of = (account: string): Rights => rights.get(account) ?? everybody;
  return {
    limits: (account) => of(account).limits,
    objection: (account, uri) => {
      const { may, to } = of(account);
      const isOpen = ({ kind, forms }: NumberReading): boolean =>
        may.has(kind) || forms.some((form) => to.some((one) => form.startsWith(one)));
      const closed = readings(userDialled(uri)).find((one) => !isOpen(one));
      return closed && `no right to call ${WORDS[closed.kind]}: ${account}`;
    },
    handsOver: handOver,
  };
}

interface Rights {
  readonly limits: OutgoingLimits;
  readonly may: ReadonlySet<NumberKind>;
  readonly to: readonly string[];
}

function rightsOf({ may = ["national"], to = [], ...most }: Most): Rights {
  const { atOnce, minutesEach, callsEachDay, minutesEachDay, insideAtOnce } = most;
  const limits: OutgoingLimits = {
    atOnce: atOnce ?? OUTGOING_LIMITS.atOnce,
    longestMs: minutesEach === undefined ? OUTGOING_LIMITS.longestMs : 60_000 * minutesEach,
    callsEachDay: callsEachDay ?? OUTGOING_LIMITS.callsEachDay,
    talkEachDayMs:
      minutesEachDay === undefined ? OUTGOING_LIMITS.talkEachDayMs : 60_000 * minutesEachDay,
    insideAtOnce: insideAtOnce ?? OUTGOING_LIMITS.insideAtOnce,
  };
  return { limits, may: new Set(may.map((kind) => KINDS[kind])), to };
}

const WORDS: Readonly<Record<NumberKind, string>> = {
  Name: "names",
  National: "numbers",
  International: "numbers of other countries",
  Premium: "numbers that cost more than others",
  Code: "codes that tell a gateway what to do",
};
