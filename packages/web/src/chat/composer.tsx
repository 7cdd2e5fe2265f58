/** Where one writes: text, files, a voice note; what it answers or changes stands above. */

import type { Conversation, Item } from "carillon/chat";
import { Mic, Paperclip, SendHorizontal, X } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { IconButton } from "../look/icon-button.tsx";
import { useSession } from "../phone/seat-session.ts";
import { AttachedFiles } from "./attached-files.tsx";
import { QuotedItem } from "./quoted-item.tsx";
import { textTrouble } from "./text-trouble.ts";
import { VoiceRecorder } from "./voice-recorder.tsx";

/** What is being written, beside a new message. */
export type Purpose =
  | { readonly kind: "New" }
  | { readonly kind: "Reply"; readonly item: Item }
  | { readonly kind: "Edit"; readonly item: Item };

export interface ComposerProps {
  readonly conversation: Conversation;
  readonly title: string;
  readonly purpose: Purpose;
  readonly onPurpose: (purpose: Purpose) => void;
  readonly files: readonly File[];
  readonly onFiles: (files: readonly File[]) => void;
  /** The arrow up, where nothing is written yet. */
  readonly onEditLast: () => void;
  /** Why nothing can be written here; undefined if it can. */
  readonly barrier: string | undefined;
}

export function Composer(props: ComposerProps): ReactNode {
  const { title, purpose, onPurpose, files, onFiles, barrier } = props;
  const { box, text, write, trouble, canSend, send, keys } = useWriting(props);
  const [recording, setRecording] = useState(false);
  if (barrier !== undefined) {
    return <p className="safe-bottom border-t border-line bg-card p-4 text-ink-2">{barrier}</p>;
  }
  if (recording) {
    return (
      <Frame>
        <VoiceRecorder conversation={props.conversation.uri} onDone={() => setRecording(false)} />
      </Frame>
    );
  }
  return (
    <Frame>
      {purpose.kind !== "New" && (
        <PurposeLine purpose={purpose} onCancel={() => onPurpose({ kind: "New" })} />
      )}
      <AttachedFiles files={files} onFiles={onFiles} />
      <div className="flex items-end gap-1">
        <AttachButton onFiles={(more) => onFiles([...files, ...more])} />
        <textarea
          ref={box}
          aria-label={`Message to ${title}`}
          aria-invalid={trouble !== undefined}
          aria-describedby="composer-trouble"
          placeholder="Write a message"
          dir="auto"
          rows={1}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={keys}
          onPaste={(event) => {
            const pasted = [...event.clipboardData.files];
            if (pasted.length === 0) return;
            event.preventDefault();
            onFiles([...files, ...pasted]);
          }}
          // 16 px, or a phone zooms into the page.
          className="field-sizing-content max-h-44 min-h-11 min-w-0 flex-1 resize-none rounded-card
            border border-edge bg-card px-3 py-2.5 text-[16px] placeholder:text-ink-2
            desk:text-body"
        />
        {text.trim() === "" && files.length === 0 && purpose.kind !== "Edit" ? (
          <IconButton label="Record a voice note" onClick={() => setRecording(true)}>
            <Mic size={22} aria-hidden="true" />
          </IconButton>
        ) : (
          <IconButton label={sendWords(purpose)} onClick={send} disabled={!canSend} strong>
            <SendHorizontal size={22} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      <p id="composer-trouble" role="status" className="px-12 text-small text-stop">
        {trouble}
      </p>
    </Frame>
  );
}

const sendWords = ({ kind }: Purpose): string => (kind === "Edit" ? "Save the change" : "Send");

const frame = "border-t border-line bg-card px-2 pt-2 pb-[calc(8px+env(safe-area-inset-bottom))]";

function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={frame}>{children}</div>;
}

/** The text, which is kept as a draft, and what keys do with it. */
function useWriting(props: ComposerProps) {
  const { conversation, purpose, onPurpose, files, onFiles, onEditLast } = props;
  const { chat } = useSession();
  const [text, setText] = useState(() => chat.drafts.of(conversation.uri));
  const box = useRef<HTMLTextAreaElement>(null);
  const isEdit = purpose.kind === "Edit";
  useEffect(() => {
    // With a mouse there are keys as well; on a phone they would cover what was said.
    if (matchMedia("(pointer: fine)").matches) box.current?.focus({ preventScroll: true });
  }, []);
  // Before anything is drawn: what is typed next belongs to the text that is there then.
  useLayoutEffect(() => {
    if (purpose.kind === "Edit") setText(purpose.item.text);
    if (purpose.kind !== "New") box.current?.focus();
    // Back from a change, the draft goes on.
    return () => {
      if (purpose.kind === "Edit") setText(chat.drafts.of(conversation.uri));
    };
  }, [purpose, chat, conversation]);
  const write = (next: string): void => {
    setText(next);
    if (isEdit) return;
    chat.drafts.keep(conversation.uri, next);
    if (next.trim() === "") conversation.stopped();
    else conversation.composing();
  };
  const trouble = textTrouble(text);
  const canSend = trouble === undefined && (text.trim() !== "" || (files.length > 0 && !isEdit));
  const send = (): void => {
    if (!canSend) return;
    const replyTo = purpose.kind === "Reply" ? purpose.item.id : undefined;
    if (isEdit) conversation.edit(purpose.item.id, text.trim());
    else {
      if (text.trim() !== "") chat.send(conversation.uri, text.trim(), replyTo);
      if (files.length > 0) chat.sendFiles(conversation.uri, files, replyTo);
      write("");
      onFiles([]);
    }
    onPurpose({ kind: "New" });
    box.current?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    // While a letter is put together from several keys, Enter belongs to that.
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape" && purpose.kind !== "New") onPurpose({ kind: "New" });
    if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    }
  };
  return { box, text, write, trouble, canSend, send, keys };
}

interface PurposeLineProps {
  readonly purpose: Exclude<Purpose, { kind: "New" }>;
  readonly onCancel: () => void;
}

function PurposeLine({ purpose, onCancel }: PurposeLineProps): ReactNode {
  const isEdit = purpose.kind === "Edit";
  return (
    <div className="mb-2 flex items-center gap-2 pl-12">
      <div className="min-w-0 flex-1 text-ink-2">
        {isEdit && <p className="text-small font-medium text-bronze">Change your message</p>}
        <QuotedItem item={purpose.item} />
      </div>
      <IconButton label={isEdit ? "Leave it as it is" : "Do not reply"} onClick={onCancel}>
        <X size={20} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

function AttachButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label="Attach files" onClick={() => input.current?.click()}>
        <Paperclip size={22} aria-hidden="true" />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
    </>
  );
}
