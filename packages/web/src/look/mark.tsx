/** The mark of Carillon: one bell under its beam. */
import type { ReactNode } from "react";

export function Mark({ className = "" }: { readonly className?: string }): ReactNode {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" fill="currentColor" className={className}>
      <rect x="6" y="5" width="20" height="2.5" rx="1.25" />
      <path d={bell} />
      <circle cx="16" cy="26" r="2.1" />
    </svg>
  );
}

const bell = `M16 8.5c-4.6 0-6.2 3.6-6.6 8-.3 3-1.2 4.5-2.4 5.7-.5.5-.1 1.3.6 1.3h16.8
  c.7 0 1.1-.8.6-1.3-1.2-1.2-2.1-2.7-2.4-5.7-.4-4.4-2-8-6.6-8Z`;
