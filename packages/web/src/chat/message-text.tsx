/** What somebody wrote, as text: lines as they are, links to be followed, and no markup at all. */
import { Fragment, type ReactNode } from "react";
import { textParts } from "./text-parts.ts";

/** Of a message that is longer, this much is shown until somebody wants the rest. */
const [MOST_SHOWN, MOST_LINES] = [4000, 60];

/** The beginning of a long message; the whole of any other. */
export function beginning(text: string): string {
  const lines = text.slice(0, MOST_SHOWN).split("\n", MOST_LINES);
  return lines.join("\n");
}

export function MessageText({ text }: { readonly text: string }): ReactNode {
  return (
    // Each paragraph finds its own direction, and turns nothing outside of it.
    <p dir="auto" className="[unicode-bidi:plaintext] whitespace-pre-wrap wrap-anywhere">
      {textParts(text).map((part, nth) => {
        if (part.kind === "Text") return <Fragment key={nth}>{part.text}</Fragment>;
        return (
          <a
            key={nth}
            href={part.href}
            target="_blank"
            rel="noopener noreferrer"
            dir="ltr"
            className="underline underline-offset-2"
          >
            {part.text}
          </a>
        );
      })}
    </p>
  );
}
