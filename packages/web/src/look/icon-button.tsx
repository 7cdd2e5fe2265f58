/** A button of one icon, 44 pixels wide and high. */
import type { ReactNode } from "react";

export interface IconButtonProps {
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly strong?: boolean;
  readonly children: ReactNode;
}

export function IconButton({ label, strong = false, ...rest }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-11 shrink-0 items-center justify-center rounded-full
        transition-colors disabled:opacity-40
        ${strong ? "bg-bronze text-on-bronze" : "text-ink-2 hover:bg-tint hover:text-ink"}`}
      {...rest}
    />
  );
}
