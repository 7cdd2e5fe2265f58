/** One conversation, on the stage: with whom, what was said, and where one writes. */
import type { Item } from "carillon/chat";
import { type DragEvent, type ReactNode, useState } from "react";
import { useSession } from "../phone/seat-session.ts";
import { MOST_FILE_OCTETS } from "./attached-files.tsx";
import type { BubbleActions } from "./bubble.tsx";
import { Composer, type Purpose } from "./composer.tsx";
import { ConversationHead } from "./conversation-head.tsx";
import { sizeWords } from "./file-words.ts";
import { titleOf } from "./names.ts";
import { TimelineView } from "./timeline-view.tsx";
import { useConversation } from "./use-conversation.ts";
import { useNames } from "./use-names.ts";

export interface ConversationStageProps {
  readonly uri: string;
  /** The message to go to. */
  readonly goal: string | undefined;
  readonly onBack: () => void;
}

export function ConversationStage({ uri, goal, onBack }: ConversationStageProps): ReactNode {
  const { me } = useSession();
  const { conversation, view } = useConversation(uri);
  const title = titleOf(view, useNames());
  const [purpose, setPurpose] = useState<Purpose>({ kind: "New" });
  const { files, addFiles, setFiles, said, dropping, drop } = useFiles();
  const actions: Omit<BubbleActions, "goTo"> = {
    reply: (item) => setPurpose({ kind: "Reply", item }),
    edit: (item) => setPurpose({ kind: "Edit", item }),
    retract: (item) => conversation.retract(item.id),
    again: (item) => conversation.again(item.id),
  };
  const editLast = (): void => {
    const last = view.items.findLast(isChangeable);
    if (last !== undefined) setPurpose({ kind: "Edit", item: last });
  };
  const hasLeft = view.isGroup && !view.members.includes(me.aor);
  return (
    <section
      aria-label={`Conversation with ${title}`}
      className="relative flex h-full flex-col"
      {...drop}
    >
      <ConversationHead conversation={conversation} view={view} title={title} onBack={onBack} />
      <TimelineView
        conversation={conversation}
        view={view}
        title={title}
        goal={goal}
        actions={actions}
      />
      {said !== "" && (
        <p role="alert" className="bg-bronze-tint px-4 py-2 text-small">
          {said}
        </p>
      )}
      <Composer
        conversation={conversation}
        title={title}
        purpose={purpose}
        onPurpose={setPurpose}
        files={files}
        onFiles={(next) => (next.length > files.length ? addFiles(next) : setFiles(next))}
        onEditLast={editLast}
        barrier={hasLeft ? "You have left this group." : undefined}
      />
      {dropping && (
        <p
          className="pointer-events-none absolute inset-3 z-10 flex items-center justify-center
            rounded-2xl border-2 border-dashed border-bronze bg-sky/90 text-title font-semibold"
        >
          Drop to attach
        </p>
      )}
    </section>
  );
}

const isChangeable = ({ isOwn, isRetracted, file, state }: Item): boolean =>
  isOwn && !isRetracted && file === undefined && state !== "Waiting" && state !== "Failed";

/** Files that somebody chose, pasted or dropped here. */
function useFiles() {
  const [files, setFiles] = useState<readonly File[]>([]);
  const [said, say] = useState("");
  const [dropping, setDropping] = useState(false);
  const addFiles = (all: readonly File[]): void => {
    const tooLarge = all.find(({ size }) => size > MOST_FILE_OCTETS);
    const words = `is larger than the ${sizeWords(MOST_FILE_OCTETS)} the house takes.`;
    say(tooLarge === undefined ? "" : `“${tooLarge.name}” ${words}`);
    setFiles(all.filter(({ size }) => size <= MOST_FILE_OCTETS));
  };
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");
  const drop = {
    onDragOver(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDropping(true);
    },
    onDragLeave(event: DragEvent) {
      const inside = event.currentTarget.contains(event.relatedTarget as Node | null);
      if (!inside) setDropping(false);
    },
    onDrop(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDropping(false);
      addFiles([...files, ...event.dataTransfer.files]);
    },
  };
  return { files, addFiles, setFiles, said, dropping, drop };
}
