/** Files of a conversation that are on their way, with how far they are. */
import { RotateCw, X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "../look/icon-button.tsx";
import { plainName } from "../look/plain-name.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { sizeWords } from "./file-words.ts";
import type { Upload } from "./uploads.ts";

export function UploadList({ conversation }: { readonly conversation: string }): ReactNode {
  const { chat } = useSession();
  const uploads = useStore(chat.uploads.all).filter((one) => one.conversation === conversation);
  if (uploads.length === 0) return null;
  return (
    <ul aria-label="Files on their way" className="mt-3 flex flex-col items-end gap-2 px-4">
      {uploads.map((upload) => (
        <UploadRow key={upload.id} upload={upload} />
      ))}
    </ul>
  );
}

function UploadRow({ upload }: { readonly upload: Upload }): ReactNode {
  const { chat } = useSession();
  const { id, name, sent, size, why } = upload;
  const shown = plainName(name, "File");
  const percent = size === 0 ? 100 : Math.floor((100 * sent) / size);
  return (
    <li className="w-80 max-w-full rounded-2xl border border-line bg-card px-3 py-2">
      <div className="flex items-center gap-1">
        <div className="min-w-0 flex-1">
          <bdi className="block truncate font-medium">{shown}</bdi>
          <p className={`text-small ${why === undefined ? "text-ink-2" : "text-stop"}`}>
            {why ?? `${sizeWords(sent)} of ${sizeWords(size)}`}
          </p>
        </div>
        {why !== undefined && (
          <IconButton label={`Send ${shown} again`} onClick={() => chat.uploads.again(id)}>
            <RotateCw size={18} aria-hidden="true" />
          </IconButton>
        )}
        <IconButton label={`Cancel ${shown}`} onClick={() => chat.uploads.cancel(id)}>
          <X size={18} aria-hidden="true" />
        </IconButton>
      </div>
      {why === undefined && (
        <progress
          aria-label={`${shown} on its way`}
          max={100}
          value={percent}
          className="mt-1 block h-1.5 w-full accent-bronze"
        />
      )}
    </li>
  );
}
