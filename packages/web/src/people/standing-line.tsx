/** How somebody is, in a word, and what they say of themselves. */
import type { ReactNode } from "react";
import type { Standing } from "./standing.ts";

const TONES: Readonly<Record<Standing["tone"], string>> = {
  live: "text-live",
  busy: "text-bronze",
  away: "text-ink-2",
  off: "text-ink-2",
};

export function StandingLine({ standing }: { readonly standing: Standing }): ReactNode {
  const { tone, words, note } = standing;
  return (
    <span className="block truncate text-small text-ink-2">
      <span className={TONES[tone]}>{words}</span>
      {note !== "" && (
        <>
          <span aria-hidden="true"> · </span>
          <bdi>{note}</bdi>
        </>
      )}
    </span>
  );
}
