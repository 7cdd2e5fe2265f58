/** The tower's foot and face: a rail of slate on a desk, a bar of thumbs' height on a phone. */
import { Keyboard, MessageCircle, UserPlus, Users } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { ShortcutHelp } from "../call/shortcut-help.tsx";
import { Unread } from "../chat/conversation-row.tsx";
import { Avatar } from "../look/avatar.tsx";
import { Mark } from "../look/mark.tsx";
import { Popover } from "../look/popover.tsx";
import type { Place } from "../pages/place.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { STATUS_TONES } from "./own-status.tsx";
import { registrationWords } from "./registration-words.ts";
import { YouCard } from "./you-card.tsx";

export interface RailProps {
  readonly tab: Place["tab"];
  readonly onPeople: () => void;
  readonly onChat: () => void;
  readonly onInvite: () => void;
  readonly onDevices: () => void;
  readonly onRules: () => void;
  readonly covered: boolean;
}

export function Rail(props: RailProps): ReactNode {
  const { tab, onPeople, onChat, onInvite, onDevices, onRules, covered } = props;
  const { chat } = useSession();
  const unread = useStore(chat.list).reduce((sum, one) => sum + one.unread, 0);
  return (
    <nav
      aria-label="Carillon"
      className={`safe-bottom order-last flex bg-slate text-on-slate-2 transition-[visibility]
        duration-200 desk:order-first desk:flex-col desk:items-center desk:py-3
        ${covered ? "max-desk:invisible" : ""}`}
    >
      <Mark className="mb-4 size-10 text-[#e2a24a] max-desk:hidden" />
      <RailButton aria-current={pageIf(tab === "People")} onClick={onPeople} caption="People">
        <Users size={22} aria-hidden="true" />
      </RailButton>
      <RailButton aria-current={pageIf(tab === "Chat")} onClick={onChat} caption="Chat">
        <span className="relative">
          <MessageCircle size={22} aria-hidden="true" />
          {unread > 0 && (
            <span className="absolute -top-1 left-3 desk:-top-2">
              <Unread count={unread} />
            </span>
          )}
        </span>
      </RailButton>
      <RailButton onClick={onInvite} caption="Invite">
        <UserPlus size={22} aria-hidden="true" />
      </RailButton>
      <span className="max-desk:hidden desk:mt-auto">
        <Popover
          label="Keys"
          trigger={
            <RailButton caption="Keys">
              <Keyboard size={22} aria-hidden="true" />
            </RailButton>
          }
        >
          <ShortcutHelp />
        </Popover>
      </span>
      <You onDevices={onDevices} onRules={onRules} />
    </nav>
  );
}

const pageIf = (is: boolean): "page" | undefined => (is ? "page" : undefined);

function You({ onDevices, onRules }: Pick<RailProps, "onDevices" | "onRules">): ReactNode {
  const { me, phone, presence } = useSession();
  const { tone, short } = registrationWords(useStore(phone.registration));
  const status = useStore(presence.own)?.status ?? "online";
  const askers = useStore(presence.askers);
  return (
    <Popover
      label="You"
      trigger={
        <RailButton caption={short}>
          <span className="sr-only">You, {me.displayName}:</span>
          <span className="relative">
            <span className="inline-flex max-desk:-my-2.5 max-desk:scale-[0.6]">
              <Avatar
                name={me.displayName}
                presence={tone === "live" ? STATUS_TONES[status] : tone}
                ground="slate"
              />
            </span>
            {askers > 0 && (
              <span className="absolute -top-1 -right-2">
                <Unread count={askers} words="ask to see you" />
              </span>
            )}
          </span>
        </RailButton>
      }
    >
      <YouCard onDevices={onDevices} onRules={onRules} />
    </Popover>
  );
}

interface RailButtonProps extends ComponentProps<"button"> {
  readonly caption: string;
}

function RailButton({ caption, children, ...rest }: RailButtonProps): ReactNode {
  return (
    <button
      type="button"
      className="inline-flex min-h-14 min-w-16 flex-1 flex-col items-center justify-center gap-1
        rounded-card text-tiny transition-colors hover:bg-slate-2 hover:text-on-slate
        aria-[current=page]:text-on-slate max-desk:max-w-none desk:mb-1 desk:w-17 desk:flex-none
        desk:aria-[current=page]:bg-slate-2"
      {...rest}
    >
      {children}
      <span className="max-w-17 truncate">{caption}</span>
    </button>
  );
}
