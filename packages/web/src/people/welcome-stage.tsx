/** The stage with nobody on it: what to do first, and the bells to try. */
import { AudioLines, UserPlus, Volume2 } from "lucide-react";
import type { ReactNode } from "react";
import { Bells } from "../look/bells.tsx";
import { Button } from "../look/button.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { useTestSound } from "./use-test-sound.ts";
import { useTryRing } from "./use-try-ring.ts";

export function WelcomeStage({ onInvite }: { readonly onInvite: () => void }): ReactNode {
  const { people, me } = useSession();
  const { list } = useStore(people.people);
  const { ringing, tryRing } = useTryRing();
  const { canTest, testSound } = useTestSound();
  const alone = list?.every((person) => person.you) ?? false;
  return (
    <div className="flex min-h-full flex-col items-center justify-center p-6 text-center">
      <Bells ringing={ringing} />
      <h2 className="mt-8 text-display font-semibold tracking-tight text-balance">
        {alone ? `Welcome, ${me.displayName}` : "Who would you like to call?"}
      </h2>
      <p className="mt-2 max-w-[400px] text-ink-2 text-pretty">
        {alone
          ? "A call needs two. Invite someone with a link: they choose a name, and you can talk."
          : "Choose someone from the list. All their open pages will ring, and one answers."}
      </p>
      <div className="mt-6 flex flex-wrap justify-center gap-3">
        {alone && (
          <Button tone="primary" onClick={onInvite}>
            <UserPlus size={20} aria-hidden="true" />
            Invite someone
          </Button>
        )}
        <Button onClick={tryRing} disabled={ringing}>
          <Volume2 size={20} aria-hidden="true" />
          Hear your ring
        </Button>
        <Button onClick={testSound} disabled={!canTest}>
          <AudioLines size={20} aria-hidden="true" />
          Test your sound
        </Button>
      </div>
    </div>
  );
}
