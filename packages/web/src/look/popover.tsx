/** A small card beside the button that opens it. */
import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";

export interface PopoverProps {
  /** The button. */
  readonly trigger: ReactNode;
  readonly label: string;
  readonly children: ReactNode;
}

export function Popover({ trigger, label, children }: PopoverProps): ReactNode {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          // Beside the rail on a desk, above the bar on a phone.
          side={matchMedia("(min-width: 900px)").matches ? "right" : "top"}
          align="end"
          sideOffset={12}
          collisionPadding={12}
          className="z-50 w-[320px] max-w-[calc(100vw-24px)] animate-rise rounded-card border
            border-line bg-card p-4 text-ink shadow-lift"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const PopoverClose = Radix.Close;
