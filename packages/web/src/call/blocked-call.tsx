/** A call that could not begin on this machine, and what to do about it. */
import { MicOff } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../look/button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import type { Problem } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";

export function BlockedCall({ problem }: { readonly problem: Problem }): ReactNode {
  const { phone } = useSession();
  const { peer, video, what, doThis } = problem;
  const heading = useFocusOn<HTMLHeadingElement>(what);
  return (
    <div className="flex min-h-full flex-col items-center justify-center p-6 text-center">
      <span
        className="inline-flex size-20 items-center justify-center rounded-full bg-stop-tint
          text-stop"
      >
        <MicOff size={32} aria-hidden="true" />
      </span>
      <h2
        ref={heading}
        tabIndex={-1}
        data-testid="call-status"
        data-state="Blocked"
        className="mt-6 max-w-[480px] text-display font-semibold tracking-tight text-balance"
      >
        {what}
      </h2>
      <p className="mt-2 max-w-[400px] text-ink-2 text-pretty">{doThis}</p>
      <div className="mt-8 flex w-full max-w-[360px] gap-3">
        <Button className="flex-1" onClick={phone.dismiss}>
          Back
        </Button>
        <Button tone="primary" className="flex-1" onClick={() => void phone.place(peer, video)}>
          Try again
        </Button>
      </div>
    </div>
  );
}
