/**
 * From the name a person types to the name of the account: `Anna Müller` is shown as typed and
 * called at `sip:anna-muller@…`, a name that any phone can dial and no header needs to escape.
 */
import { createHash } from "node:crypto";
import { done, type Outcome, type Refusal, refusal, refused } from "../refusal.ts";

export interface Name {
  /** Lower-case ASCII letters, digits and single inner hyphens; 1 to 64 of them. */
  readonly name: string;
  readonly displayName: string;
}

const MAX_CHARACTERS = 64;

/** Controls, line separators, halves of surrogates, and what turns the direction of text around. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Addresses of the house's own services, present and to come. */
const kept: ReadonlySet<string> = new Set([
  ...["admin", "annc", "anonymous", "carillon", "clock", "conference", "contacts", "echo", "files"],
  ...["games", "groups", "house", "journal", "list", "lists", "messages", "music", "play"],
  ...["postmaster", "presence", "rooms", "server", "sos", "system", "tone", "tones"],
  ...["unavailable", "unknown", "voicemail"],
]);

/**
 * In which words a name is refused to a new person or group since the house has it for itself;
 * undefined where it is free to be had. Who has had such a name all along keeps it.
 */
export function keptName(name: string): Refusal | undefined {
  if (!kept.has(name)) return undefined;
  const message = `The name ${name} is kept for a service of the house.`;
  return refusal("NAME_TAKEN", { message });
}

/** Whether it has the form that names here have: lower-case, and without a letter to escape. */
export const isName = (text: string): boolean =>
  /^[a-z0-9-]{1,64}$/.test(text) && !`-${text}-`.includes("--");

export function readName(typed: string): Outcome<Name> {
  const displayName = typed.normalize("NFC").trim().replace(/ +/g, " ");
  if (displayName === "" || [...displayName].length > MAX_CHARACTERS)
    return refused("NAME_INVALID");
  if (unprintable.test(displayName) || !/[\p{L}\p{N}]/u.test(displayName)) {
    return refused("NAME_INVALID");
  }
  const name = asciiName(displayName) || otherScript(displayName);
  return done({ name, displayName });
}

/** What a person calls one of their phones: as a name is shown, or nothing at all. */
export function readLabel(typed: string): Outcome<string> {
  const label = typed.normalize("NFC").trim().replace(/ +/g, " ");
  if ([...label].length > MAX_CHARACTERS || unprintable.test(label)) {
    return refused("LABEL_INVALID");
  }
  return done(label);
}

/** Whether a line of text can be shown as it is. */
export const isPrintable = (text: string): boolean => !unprintable.test(text);

/** Letters that Unicode does not take apart into a base letter and an accent. */
const spelled: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ı: "i",
  ħ: "h",
};

function asciiName(displayName: string): string {
  return displayName
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]/g, (letter) => spelled[letter] ?? "-")
    .replace(/-+/g, "-")
    .slice(0, MAX_CHARACTERS)
    .replace(/^-|-$/g, "");
}

/**
 * A name wholly in another script has no ASCII form worth guessing. Derived from the name rather
 * than random, so that the same name is taken the second time here too.
 */
function otherScript(displayName: string): string {
  const key = displayName.toLowerCase().normalize("NFKC");
  return `person-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
}
