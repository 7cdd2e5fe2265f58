/** Where everything of a seat has its place: three columns on a desk, layers on a phone. */
import { type ComponentProps, type ReactNode, useEffect, useState } from "react";
import { BlockedCall } from "../call/blocked-call.tsx";
import { CallLayer } from "../call/call-layer.tsx";
import { EndedCall } from "../call/ended-call.tsx";
import { IncomingCall } from "../call/incoming-call.tsx";
import { announcement } from "../call/status-words.ts";
import { useShortcuts } from "../call/use-shortcuts.ts";
import { ConversationList } from "../chat/conversation-list.tsx";
import { WritingStage } from "../chat/writing-stage.tsx";
import { useFocusHome } from "../look/use-focus-home.ts";
import { PeopleList } from "../people/people-list.tsx";
import { PersonStage } from "../people/person-stage.tsx";
import { Rail } from "../people/rail.tsx";
import { WelcomeStage } from "../people/welcome-stage.tsx";
import { type Desk, inCall, isCovering } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { showCount } from "./favicon.ts";
import type { OpenDialog } from "./house-dialogs.tsx";
import { ConversationStage, HouseDialogs, useLateParts } from "./late-parts.ts";
import { isOnStage, type Place, withoutStage } from "./place.ts";
import { titleOf } from "./title.ts";

export function House(): ReactNode {
  const { phone, me } = useSession();
  const desk = useStore(phone.desk);
  const place = useStore(useSession().place);
  const [dialog, setDialog] = useState<OpenDialog>();
  useShortcuts(phone);
  useFocusHome(isIdle(desk), place.tab === "People" ? "people" : "chat");
  useTabWords(desk);
  useLateParts();
  const stageOpen = isOnStage(place) || hasEnd(desk);
  const behindCall = isCovering(desk);
  const covered = stageOpen || behindCall;
  const look = useLook();
  const invite = (): void => setDialog("Invite");
  return (
    <div className={frame}>
      <Rail
        tab={place.tab}
        onPeople={() => look({ tab: "People" })}
        onChat={() => look({ tab: "Chat" })}
        onInvite={invite}
        onDevices={() => setDialog("Devices")}
        onRules={() => setDialog("Rules")}
        covered={covered}
      />
      <main className="contents">
        <h1 className="sr-only">Carillon, {me.displayName}</h1>
        {place.tab === "People" ? (
          <PeopleList
            selected={place.person}
            onSelect={(person) => look({ tab: "People", person })}
            onInvite={invite}
            covered={covered}
          />
        ) : (
          <ConversationList place={place} onGo={look} covered={covered} />
        )}
        <div className={`${stage} ${stageOpen ? "" : away} ${behindCall ? "invisible" : ""}`}>
          <Stage place={place} onInvite={invite} onGo={look} />
        </div>
        {desk.active !== undefined && <CallLayer key={desk.active.id} card={desk.active} />}
      </main>
      <IncomingCall />
      <RailDialogs open={dialog} onOpen={setDialog} />
      <p aria-live="polite" className="sr-only">
        {announcement(desk)}
      </p>
    </div>
  );
}

/** They come with the first one that is opened, and stay, so that the last can close. */
function RailDialogs(props: ComponentProps<typeof HouseDialogs>): ReactNode {
  const [wanted, setWanted] = useState(false);
  if (props.open !== undefined && !wanted) setWanted(true);
  return wanted && <HouseDialogs {...props} />;
}

const frame = `relative grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto]
  overflow-hidden desk:grid-cols-[80px_320px_minmax(0,1fr)] desk:grid-rows-1`;

/**
 * On a phone the stage slides over the list; out of sight, it is out of reach as well, and so it is
 * everywhere behind a call.
 */
const stage = `bg-sky transition-[translate,visibility] duration-200 max-desk:fixed
  max-desk:inset-0 max-desk:z-10 max-desk:overflow-y-auto desk:relative desk:min-h-0
  desk:overflow-y-auto`;
const away = "max-desk:invisible max-desk:translate-x-full";

/** Goes somewhere: how the last call ended is old news then, and one that goes on is small. */
function useLook(): (next: Place) => void {
  const { phone, place } = useSession();
  return (next) => {
    place.write(next);
    const desk = phone.desk.read();
    if (hasEnd(desk)) phone.dismiss();
    if (inCall(desk)) phone.fold(true);
  };
}

/** The tab's title and icon, which are seen while another page is in front. */
function useTabWords(desk: Desk): void {
  const { me, chat } = useSession();
  const unread = useStore(chat.list).reduce((sum, one) => sum + one.unread, 0);
  useEffect(() => {
    document.title = titleOf(desk, me.displayName, unread);
  }, [desk, me, unread]);
  useEffect(() => void showCount(unread), [unread]);
}

interface StageProps {
  readonly place: Place;
  readonly onInvite: () => void;
  readonly onGo: (place: Place) => void;
}

function Stage({ place, onInvite, onGo }: StageProps): ReactNode {
  const { phone, people } = useSession();
  const desk = useStore(phone.desk);
  const { list } = useStore(people.people);
  if (desk.problem !== undefined && desk.problem.callId === undefined) {
    return <BlockedCall problem={desk.problem} />;
  }
  if (desk.ended !== undefined) return <EndedCall ended={desk.ended} />;
  const onBack = (): void => onGo(withoutStage(place));
  if (place.tab === "Chat") {
    const { conversation, item } = place;
    if (conversation === undefined) return <WritingStage onGo={onGo} />;
    return <ConversationStage key={conversation} uri={conversation} goal={item} onBack={onBack} />;
  }
  const person = list?.find(({ name }) => name === place.person);
  if (person === undefined) return <WelcomeStage onInvite={onInvite} />;
  const onMessage = (): void => onGo({ tab: "Chat", conversation: person.aor });
  return <PersonStage person={person} onBack={onBack} onMessage={onMessage} />;
}

function isIdle(desk: Desk): boolean {
  return !inCall(desk) && desk.ringing.length === 0 && !hasEnd(desk);
}

function hasEnd(desk: Desk): boolean {
  return desk.ended !== undefined || (desk.problem !== undefined && !desk.problem.callId);
}
