/** Where everything of a seat has its place: three columns on a desk, layers on a phone. */
import { type ReactNode, useEffect, useState } from "react";
import { BlockedCall } from "../call/blocked-call.tsx";
import { CallLayer } from "../call/call-layer.tsx";
import { EndedCall } from "../call/ended-call.tsx";
import { IncomingCall } from "../call/incoming-call.tsx";
import { announcement } from "../call/status-words.ts";
import { useShortcuts } from "../call/use-shortcuts.ts";
import { useFocusHome } from "../look/use-focus-home.ts";
import { DevicesDialog } from "../people/devices-dialog.tsx";
import { InviteDialog } from "../people/invite-dialog.tsx";
import { PeopleList } from "../people/people-list.tsx";
import { PersonStage } from "../people/person-stage.tsx";
import { Rail } from "../people/rail.tsx";
import { WelcomeStage } from "../people/welcome-stage.tsx";
import { type Desk, inCall } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { titleOf } from "./title.ts";

export function House(): ReactNode {
  const { phone, me } = useSession();
  const desk = useStore(phone.desk);
  const [selected, select] = useState<string>();
  const [inviting, setInviting] = useState(false);
  const [showsDevices, setShowsDevices] = useState(false);
  useShortcuts(phone);
  useFocusHome(isIdle(desk), "people");
  useEffect(() => {
    document.title = titleOf(desk, me.displayName);
  }, [desk, me]);
  const showsEnd = hasEnd(desk);
  const stageOpen = selected !== undefined || showsEnd;
  const behindCall = inCall(desk) && !desk.folded;
  const covered = stageOpen || behindCall;
  const look = (name: string | undefined): void => {
    select(name);
    if (showsEnd) phone.dismiss();
    if (inCall(desk)) phone.fold(true);
  };
  const invite = (): void => setInviting(true);
  return (
    <div className={frame}>
      <Rail
        onPeople={() => look(undefined)}
        onInvite={invite}
        onDevices={() => setShowsDevices(true)}
        covered={covered}
      />
      <main className="contents">
        <h1 className="sr-only">Carillon, {me.displayName}</h1>
        <PeopleList selected={selected} onSelect={look} onInvite={invite} covered={covered} />
        <div className={`${stage} ${stageOpen ? "" : away} ${behindCall ? "invisible" : ""}`}>
          <Stage selected={selected} onInvite={invite} onBack={() => select(undefined)} />
        </div>
        {desk.active !== undefined && <CallLayer key={desk.active.id} card={desk.active} />}
      </main>
      <IncomingCall />
      <InviteDialog open={inviting} onOpenChange={setInviting} />
      <DevicesDialog open={showsDevices} onOpenChange={setShowsDevices} />
      <p aria-live="polite" className="sr-only">
        {announcement(desk)}
      </p>
    </div>
  );
}

const frame = `relative grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto]
  overflow-hidden desk:grid-cols-[80px_320px_minmax(0,1fr)] desk:grid-rows-1`;

/**
 * On a phone the stage slides over the list; out of sight, it is out of reach as well, and so it is
 * everywhere behind a call.
 */
const stage = `bg-sky transition-[translate,visibility] duration-200 max-desk:fixed
  max-desk:inset-0 max-desk:z-10 desk:relative desk:min-h-0 desk:overflow-y-auto`;
const away = "max-desk:invisible max-desk:translate-x-full";

interface StageProps {
  readonly selected: string | undefined;
  readonly onInvite: () => void;
  readonly onBack: () => void;
}

function Stage({ selected, onInvite, onBack }: StageProps): ReactNode {
  const { phone, people } = useSession();
  const desk = useStore(phone.desk);
  const { list } = useStore(people.people);
  const person = list?.find(({ name }) => name === selected);
  if (desk.problem !== undefined && desk.problem.callId === undefined) {
    return <BlockedCall problem={desk.problem} />;
  }
  if (desk.ended !== undefined) return <EndedCall ended={desk.ended} />;
  if (person !== undefined) return <PersonStage person={person} onBack={onBack} />;
  return <WelcomeStage onInvite={onInvite} />;
}

function isIdle(desk: Desk): boolean {
  return !inCall(desk) && desk.ringing.length === 0 && !hasEnd(desk);
}

function hasEnd(desk: Desk): boolean {
  return desk.ended !== undefined || (desk.problem !== undefined && !desk.problem.callId);
}
