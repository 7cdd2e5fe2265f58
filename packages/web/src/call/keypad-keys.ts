/** The keys of a telephone: ITU-T E.161. */

export interface Key {
  /** As RFC 4733 knows it. */
  readonly tone: string;
  /** How it is called when it is read out. */
  readonly name: string;
  readonly letters: string;
}

const key = (tone: string, letters = "", name = tone): Key => ({ tone, name, letters });

/** In rows of three. */
export const KEYS: readonly Key[] = [
  ...[key("1"), key("2", "ABC"), key("3", "DEF")],
  ...[key("4", "GHI"), key("5", "JKL"), key("6", "MNO")],
  ...[key("7", "PQRS"), key("8", "TUV"), key("9", "WXYZ")],
  ...[key("*", "", "Star"), key("0", "+"), key("#", "", "Pound")],
];

/** The tone that a key of the keyboard stands for. */
export const keyOf = (pressed: string): string | undefined =>
  KEYS.find(({ tone }) => tone === pressed)?.tone;

/** What is shown of the keys pressed: the last ones. */
export const withKey = (before: string, tone: string): string => `${before}${tone}`.slice(-16);
