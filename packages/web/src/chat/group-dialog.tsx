/** A group: who is in it, changed by those in it, and the way out. */
import type { Conversation, ConversationView } from "carillon/chat";
import { UserMinus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { IconButton } from "../look/icon-button.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { LEAST_MEMBERS, MOST_TITLE } from "./group-check.ts";
import { MemberChoice } from "./member-choice.tsx";
import { useNames } from "./use-names.ts";

export interface GroupDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly conversation: Conversation;
  readonly view: ConversationView;
  readonly title: string;
}

export function GroupDialog({ open, onOpenChange, ...rest }: GroupDialogProps): ReactNode {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={rest.title}
      description={`${rest.view.members.length} people are in this group.`}
    >
      <Group {...rest} onLeft={() => onOpenChange(false)} />
    </Dialog>
  );
}

interface GroupProps extends Pick<GroupDialogProps, "conversation" | "view" | "title"> {
  readonly onLeft: () => void;
}

function Group({ conversation, view, title, onLeft }: GroupProps): ReactNode {
  const { me } = useSession();
  const [adds, setAdds] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { error, attempt } = useAttempt();
  const { members } = view;
  const isIn = members.includes(me.aor);
  const add = (): void =>
    attempt(conversation.setMembers([...members, ...chosen]), () => {
      setAdds(false);
      setChosen([]);
    });
  return (
    <>
      {isIn && <TitleForm conversation={conversation} title={title} attempt={attempt} />}
      <ul aria-label="Members" className="mt-4 max-h-60 overflow-y-auto">
        {members.map((uri) => (
          <Member
            key={uri}
            uri={uri}
            // A smaller one is no group.
            canRemove={isIn && uri !== me.aor && members.length > LEAST_MEMBERS}
            onRemove={() => attempt(conversation.setMembers(members.filter((it) => it !== uri)))}
          />
        ))}
      </ul>
      {adds && <MemberChoice chosen={chosen} onChosen={setChosen} except={members} />}
      {error !== undefined && <Trouble what={error} doThis="" />}
      {isIn && (
        <div className="mt-5 flex gap-2">
          <Button className="flex-1" onClick={() => attempt(conversation.leave(), onLeft)}>
            Leave the group
          </Button>
          {adds ? (
            <Button tone="primary" className="flex-1" disabled={chosen.length === 0} onClick={add}>
              Add {chosen.length === 0 ? "them" : chosen.length}
            </Button>
          ) : (
            <Button className="flex-1" onClick={() => setAdds(true)}>
              Add people
            </Button>
          )}
        </div>
      )}
    </>
  );
}

interface MemberProps {
  readonly uri: string;
  readonly canRemove: boolean;
  readonly onRemove: () => void;
}

function Member({ uri, canRemove, onRemove }: MemberProps): ReactNode {
  const { me } = useSession();
  const name = useNames()(uri);
  return (
    <li className="flex min-h-12 items-center gap-3">
      <Avatar name={name} />
      <bdi className="min-w-0 flex-1 truncate">{uri === me.aor ? `${name} (you)` : name}</bdi>
      {canRemove && (
        <IconButton label={`Remove ${name} from the group`} onClick={onRemove}>
          <UserMinus size={18} aria-hidden="true" />
        </IconButton>
      )}
    </li>
  );
}

interface TitleFormProps extends Pick<GroupDialogProps, "conversation" | "title"> {
  readonly attempt: (what: Promise<unknown>) => void;
}

function TitleForm({ conversation, title, attempt }: TitleFormProps): ReactNode {
  const [text, setText] = useState(title);
  const isSame = text.trim() === "" || text.trim() === title;
  return (
    <form
      className="mt-4 flex gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame) attempt(conversation.setTitle(text.trim()));
      }}
    >
      <input
        aria-label="Name of the group"
        value={text}
        onChange={(event) => setText(event.target.value)}
        maxLength={MOST_TITLE}
        dir="auto"
        className="h-11 min-w-0 flex-1 rounded-card border border-edge bg-sky px-3 text-[16px]"
      />
      <Button type="submit" disabled={isSame}>
        Rename
      </Button>
    </form>
  );
}

/** What the house is asked, and why it did not. */
function useAttempt() {
  const [error, setError] = useState<string>();
  const attempt = (what: Promise<unknown>, done?: () => void): void => {
    setError(undefined);
    what.then(done, (cause: unknown) =>
      setError(cause instanceof Error ? cause.message : "The house did not do it."),
    );
  };
  return { error, attempt };
}
