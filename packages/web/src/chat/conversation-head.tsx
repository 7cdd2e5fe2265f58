/** With whom one writes: name, how they are, and the ways to call them or to change the group. */
import type { Conversation, ConversationView } from "carillon/chat";
import { ChevronLeft, Phone, Users, Video } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Avatar } from "../look/avatar.tsx";
import { IconButton } from "../look/icon-button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import { callBarrier } from "../people/call-barrier.ts";
import { useStanding } from "../people/use-standing.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { GroupDialog } from "./group-dialog.tsx";

export interface ConversationHeadProps {
  readonly conversation: Conversation;
  readonly view: ConversationView;
  readonly title: string;
  readonly onBack: () => void;
}

export function ConversationHead(props: ConversationHeadProps): ReactNode {
  const { view, title, onBack } = props;
  const heading = useFocusOn<HTMLHeadingElement>(view.uri);
  return (
    <header
      className="flex items-center gap-2 border-b border-line bg-card px-2
        pt-[calc(8px+env(safe-area-inset-top))] pb-2 desk:px-4"
    >
      <span className="desk:hidden">
        <IconButton label="Back to the conversations" onClick={onBack}>
          <ChevronLeft size={24} aria-hidden="true" />
        </IconButton>
      </span>
      {view.isGroup ? <Avatar name={title} /> : <PersonFace uri={view.uri} name={title} />}
      <div className="min-w-0 flex-1">
        <h2 ref={heading} tabIndex={-1} className="truncate font-semibold">
          <bdi>{title}</bdi>
        </h2>
        {view.isGroup ? (
          <p className="truncate text-small text-ink-2">{view.members.length} people</p>
        ) : (
          <PersonLine uri={view.uri} />
        )}
      </div>
      {view.isGroup ? <GroupButton {...props} /> : <CallButtons uri={view.uri} name={title} />}
    </header>
  );
}

interface WhoProps {
  readonly uri: string;
  readonly name: string;
}

function PersonFace({ uri, name }: WhoProps): ReactNode {
  return <Avatar name={name} presence={useStanding(uri).tone} />;
}

function PersonLine({ uri }: Pick<WhoProps, "uri">): ReactNode {
  const { words, note, tone } = useStanding(uri);
  return (
    <p className={`truncate text-small ${tone === "live" ? "text-live" : "text-ink-2"}`}>
      {words}
      {note !== "" && (
        <>
          {" · "}
          <bdi>{note}</bdi>
        </>
      )}
    </p>
  );
}

function CallButtons({ uri, name }: WhoProps): ReactNode {
  const { phone } = useSession();
  const barrier = callBarrier(useStore(phone.desk), useStore(phone.registration));
  const call = (video: boolean) => void phone.place({ name, uri }, video);
  const isBarred = barrier !== undefined;
  return (
    <>
      <IconButton label={`Call ${name}`} disabled={isBarred} onClick={() => call(false)}>
        <Phone size={20} aria-hidden="true" />
      </IconButton>
      <IconButton label={`Call ${name} with video`} disabled={isBarred} onClick={() => call(true)}>
        <Video size={21} aria-hidden="true" />
      </IconButton>
    </>
  );
}

function GroupButton({ conversation, view, title }: ConversationHeadProps): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton label={`Members of ${title}`} onClick={() => setOpen(true)}>
        <Users size={20} aria-hidden="true" />
      </IconButton>
      <GroupDialog
        open={open}
        onOpenChange={setOpen}
        conversation={conversation}
        view={view}
        title={title}
      />
    </>
  );
}
