/** The stage of the chat with no conversation on it. */
import { MessagesSquare } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../look/button.tsx";
import type { Place } from "../pages/place.ts";

export function WritingStage({ onGo }: { readonly onGo: (place: Place) => void }): ReactNode {
  return (
    <div className="flex min-h-full flex-col items-center justify-center p-6 text-center">
      <MessagesSquare size={72} strokeWidth={1.25} aria-hidden="true" className="text-bronze" />
      <h2 className="mt-6 text-display font-semibold tracking-tight text-balance">
        Whom would you like to write to?
      </h2>
      <p className="mt-2 max-w-[400px] text-ink-2 text-pretty">
        Choose a conversation, or somebody from the people. What you write is kept for them until
        they are here.
      </p>
      <Button className="mt-6" onClick={() => onGo({ tab: "People" })}>
        Choose somebody
      </Button>
    </div>
  );
}
