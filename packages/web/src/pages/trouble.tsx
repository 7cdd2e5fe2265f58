/** An error in words: what happened and why, then what to do. */
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";

export interface TroubleProps {
  readonly what: string;
  readonly doThis: string;
  readonly id?: string;
}

export function Trouble({ what, doThis, id }: TroubleProps): ReactNode {
  return (
    <div id={id} role="alert" className="mt-4 flex gap-3 rounded-card bg-stop-tint p-3">
      <CircleAlert size={20} className="mt-px shrink-0 text-stop" aria-hidden="true" />
      <p>
        <span className="font-medium">{what}</span> {doThis}
      </p>
    </div>
  );
}
