/** The bell in the middle while the page opens: the same that index.html shows at first. */
import type { ReactNode } from "react";
import { Mark } from "../look/mark.tsx";

export function Opening(): ReactNode {
  return (
    <div className="flex h-full items-center justify-center">
      <Mark className="size-16 text-bronze" />
    </div>
  );
}
