/** A dialog in the middle of the page, or a sheet at the foot of a phone. */
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

export interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description: string;
  readonly children: ReactNode;
}

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
}: DialogProps): ReactNode {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        {/* Radix's own overlay writes a style element, which the server's policy refuses. */}
        <div className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content className={dialogLook}>
          <Radix.Title className="pr-12 text-title font-semibold">{title}</Radix.Title>
          <Radix.Description className="mt-1 text-ink-2">{description}</Radix.Description>
          {children}
          <Radix.Close
            aria-label="Close"
            className="absolute top-3 right-3 inline-flex size-11 items-center justify-center
              rounded-full text-ink-2 hover:bg-tint hover:text-ink"
          >
            <X size={20} />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const dialogLook = `fixed z-50 max-h-[92dvh] overflow-y-auto bg-card p-6 text-ink shadow-lift
  animate-rise max-desk:inset-x-0 max-desk:bottom-0 max-desk:rounded-t-2xl
  max-desk:pb-[calc(24px+env(safe-area-inset-bottom))]
  desk:inset-0 desk:m-auto desk:h-fit desk:w-[420px] desk:rounded-2xl`;
