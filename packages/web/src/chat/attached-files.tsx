/** Files that go with the message, until they are sent or taken off again. */
import { FileText, X } from "lucide-react";
import type { ReactNode } from "react";
import { plainName } from "../look/plain-name.ts";
import { sizeWords } from "./file-words.ts";

/** What the house takes of one file. */
export const MOST_FILE_OCTETS = 100_000_000;

export interface AttachedFilesProps {
  readonly files: readonly File[];
  readonly onFiles: (files: readonly File[]) => void;
}

export function AttachedFiles({ files, onFiles }: AttachedFilesProps): ReactNode {
  if (files.length === 0) return null;
  return (
    <ul aria-label="Attached files" className="mb-2 flex flex-wrap gap-2 pl-12">
      {files.map((file, nth) => (
        <li
          key={nth}
          className="flex max-w-full items-center gap-2 rounded-card border border-line bg-sky pl-3"
        >
          <FileText size={18} aria-hidden="true" className="shrink-0 text-ink-2" />
          <bdi className="min-w-0 truncate">{plainName(file.name, "File")}</bdi>
          <span className="shrink-0 text-small text-ink-2">{sizeWords(file.size)}</span>
          <button
            type="button"
            aria-label={`Take off ${plainName(file.name, "File")}`}
            onClick={() => onFiles(files.filter((one) => one !== file))}
            className="inline-flex size-11 shrink-0 items-center justify-center rounded-full
              text-ink-2 hover:text-ink"
          >
            <X size={18} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
