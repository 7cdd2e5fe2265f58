/** What somebody wrote, as text: lines as they are, links to be followed, and no markup at all. */
import { Fragment, type ReactNode } from "react";
import { textParts } from "./text-parts.ts";

/** Of a message that is longer, this much is shown until somebody wants the rest. */
export const MOST_SHOWN = 4000;

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
