/** What `carillon doctor` finds: each in plain words, with its cure. */

/**
 * `fine`; `note` is worth knowing and hinders nobody yet; `wrong` hinders somebody; `unknown` is
 * what could not be looked at from here.
 */
export type FindingState = "fine" | "note" | "wrong" | "unknown";

export interface Finding {
  /** What was looked at: `dns`, `certificate`. A word that stays the same. */
  readonly check: string;
  readonly state: FindingState;
  /** What is so, as a sentence. */
  readonly words: string;
  /** What to do about it, as a sentence; absent where nothing has to be done. */
  readonly cure?: string;
  /** Lines to paste, as they are: of a zone, a configuration, a shell. */
  readonly paste?: readonly string[];
}

type Cure = Pick<Finding, "cure" | "paste">;

export const fine = (check: string, words: string): Finding => ({ check, state: "fine", words });

export const note = (check: string, words: string, cure?: string, paste?: readonly string[]) =>
  finding("note", check, words, cure, paste);

export const wrong = (check: string, words: string, cure: string, paste?: readonly string[]) =>
  finding("wrong", check, words, cure, paste);

export const unknown = (check: string, words: string, cure?: string) =>
  finding("unknown", check, words, cure);

function finding(
  state: FindingState,
  check: string,
  words: string,
  cure?: string,
  paste?: readonly string[],
): Finding {
  const more: Cure = {
    ...(cure !== undefined && { cure }),
    ...(paste !== undefined && paste.length > 0 && { paste }),
  };
  return { check, state, words, ...more };
}

const MARKS: Readonly<Record<FindingState, string>> = {
  fine: "ok   ",
  note: "note ",
  wrong: "WRONG",
  unknown: "?    ",
};

/** For a terminal: one paragraph each, and what it comes to. */
export function inWords(findings: readonly Finding[]): string {
  const paragraphs = findings.map(({ check, state, words, cure, paste = [] }) => {
    const lines = [`${MARKS[state]} ${check}: ${words}`];
    if (cure !== undefined) lines.push(`      ${cure}`);
    for (const line of paste) lines.push(`          ${line}`);
    return lines.join("\n");
  });
  const count = findings.filter(({ state }) => state === "wrong").length;
  const sum =
    count === 0
      ? "Nothing is in the way that can be seen from here."
      : count === 1
        ? "One thing is in the way."
        : `${count} things are in the way.`;
  return `${paragraphs.join("\n")}\n\n${sum}\n`;
}
