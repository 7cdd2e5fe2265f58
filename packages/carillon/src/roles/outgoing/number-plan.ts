/**
 * What kind of number somebody dials, as far as that says what it costs: by its beginning. Names
 * are no numbers, whatever domain they are of.
 *
 * A gateway makes of a user part what it likes: it skips separators, cuts off parameters, and takes
 * the code for an outside line away. So a number is read in each of these ways, and the dearest of
 * what it may mean is what it counts as.
 */
import { toText } from "../../grammar/octets.ts";
import { type SipUri, unescapeUri } from "../../uri/sip-uri.ts";

/**
 * The kinds, the cheapest first. `Name`: no number. `Code`: it has a star or a hash, by which a
 * gateway may be told to do something, such as to divert all its calls.
 */
export const NUMBER_KINDS = ["Name", "National", "International", "Premium", "Code"] as const;
/** See `NUMBER_KINDS`. */
export type NumberKind = (typeof NUMBER_KINDS)[number];

/** How one dials here. All of it may be left out. */
export interface NumberPlan {
  /**
   * The codes of countries that are not abroad, `+49`. None if left out: then whatever begins with
   * `+` is.
   */
  readonly own?: readonly string[];
  /**
   * What is dialled before the code of another country. If left out `00`, and `011` where `own` is
   * +1 or is not said.
   */
  readonly international?: readonly string[];
  /** What is dialled before an area code, and left out behind the code of a country; `0`. */
  readonly national?: string;
  /** What is dialled to get a line, and no part of the number: `9`. None if left out. */
  readonly line?: readonly string[];
  /**
   * Beginnings of numbers that cost more than others; `PREMIUM` if left out, and those of North
   * America where `own` is +1 or is not said.
   */
  readonly premium?: readonly string[];
}

/**
 * Service numbers that are dear in the countries where they are known, and countries that are no
 * place: satellites, and international premium rate.
 */
export const PREMIUM: readonly string[] = [
  ...["0900", "0901", "0906", "0190", "0137", "118", "+1900", "+1976"],
  ...["+870", "+878", "+881", "+882", "+883", "+888", "+979"],
];

const NORTH_AMERICAN: readonly string[] = ["1900", "900", "1976", "976"];

/** What a number of any length is cut to: none has as many digits. ITU-T E.164 §6.1 has 15. */
const MAX_DIGITS = 64;

/** One way to read what somebody dials. */
export interface NumberReading {
  /** What it costs. */
  readonly kind: NumberKind;
  /** As it may be written: as dialled, from abroad (`+49…`), and inside of its country. */
  readonly forms: readonly string[];
}

/** Reads by this plan what a URI's user part dials, in each way; none for a name. */
export function numberReadings(
  plan: NumberPlan = {},
): (user: string | undefined) => readonly NumberReading[] {
  const { own = [], national = "0", line = [] } = plan;
  const isNorth = own.length === 0 || own.includes("+1");
  const { international = isNorth ? ["00", "011"] : ["00"] } = plan;
  const { premium = isNorth ? [...PREMIUM, ...NORTH_AMERICAN] : PREMIUM } = plan;

  /** `+4989…` of `0049…`; undefined where it does not leave its country. */
  const wholeOf = (digits: string): string | undefined => {
    if (digits.startsWith("+")) return `+${digits.replaceAll("+", "")}`;
    const prefix = international.find((one) => digits.startsWith(one));
    return prefix === undefined ? undefined : `+${digits.slice(prefix.length)}`;
  };
  const read = (digits: string, kind: NumberKind, more: readonly string[]): NumberReading => {
    const forms = [digits, ...more];
    const isDear = forms.some((form) => premium.some((one) => form.startsWith(one)));
    return { kind: isDear ? "Premium" : kind, forms };
  };
  const readingOf = (digits: string): NumberReading => {
    if (/[*#]/.test(digits)) return { kind: "Code", forms: [digits] };
    const whole = wholeOf(digits);
    if (whole === undefined) {
      const rest = digits.startsWith(national) ? digits.slice(national.length) : digits;
      return read(
        digits,
        "National",
        own.map((code) => `${code}${rest}`),
      );
    }
    const home = own.find((code) => whole.startsWith(code));
    if (home === undefined) return read(whole, "International", []);
    return read(whole, "National", [`${national}${whole.slice(home.length)}`]);
  };

  return (user) => {
    const digits = digitsOf(user);
    if (digits === undefined) return [];
    const lines = line.flatMap((code) =>
      digits.startsWith(code) && digits.length > code.length ? [digits.slice(code.length)] : [],
    );
    return [digits, ...lines].map(readingOf);
  };
}

/** The dearest kind of all readings. */
export function numberKinds(plan: NumberPlan = {}): (user: string | undefined) => NumberKind {
  const readings = numberReadings(plan);
  return (user) => dearest(readings(user).map(({ kind }) => kind));
}

/** The user part of a URI as text: what is dialled. */
export const userDialled = ({ user }: SipUri): string | undefined =>
  user === undefined ? undefined : toText(unescapeUri(user));

const dearest = (kinds: readonly NumberKind[]): NumberKind =>
  kinds.reduce((one, other) => (rank(other) > rank(one) ? other : one), "Name");
const rank = (kind: NumberKind): number => NUMBER_KINDS.indexOf(kind);

/** Undefined for what begins with a letter: no gateway dials a name. */
function digitsOf(user: string | undefined): string | undefined {
  const [text = ""] = (user ?? "")
    .trim()
    .replace(/^(?:tel|sips?):/i, "")
    .split(";", 1);
  if (/^[\p{L}_]/u.test(text)) return undefined;
  let digits = "";
  for (const one of text) {
    if (/[0-9+*#]/.test(one)) digits += one;
    // Digits of other scripts are digits to whoever reads them generously.
    else if (/\p{Nd}/u.test(one)) digits += digitOf(one);
    if (digits.length >= MAX_DIGITS) break;
  }
  return digits === "" ? undefined : digits;
}

/** Of any script: their zeros are at the beginning of ten in a row. */
function digitOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return `${code - zero}`;
}
