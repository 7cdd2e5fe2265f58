/** Where one types what to look for. */
import { Search, X } from "lucide-react";
import type { ReactNode } from "react";

export interface SearchBoxProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What is looked for. */
  readonly label: string;
}

export function SearchBox({ value, onChange, label }: SearchBoxProps): ReactNode {
  return (
    <search className="relative mt-3 block">
      <Search
        size={18}
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-ink-2"
      />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onChange("")}
        // 16 px, or a phone zooms into the page.
        className="h-11 w-full rounded-card border border-edge bg-card pr-11 pl-10 text-[16px]
          placeholder:text-ink-2 desk:text-body [&::-webkit-search-cancel-button]:hidden"
      />
      {value !== "" && (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => onChange("")}
          className="absolute top-0 right-0 inline-flex size-11 items-center justify-center
            text-ink-2 hover:text-ink"
        >
          <X size={18} aria-hidden="true" />
        </button>
      )}
    </search>
  );
}
