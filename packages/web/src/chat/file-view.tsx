/** A file in a conversation: a picture, a recording, or a card to fetch it by. */

import type { FileReference } from "carillon/documents";
import { Download, FileText, ImageOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { fileAddress, fileKind, fileName, sizeWords } from "./file-words.ts";
import { SoundPlayer } from "./sound-player.tsx";

/** Larger than this is not fetched to be looked at; it can be downloaded. */
const MOST_SHOWN = 50_000_000;

export function FileView({ file }: { readonly file: FileReference }): ReactNode {
  const address = fileAddress(file.url, location.origin);
  const kind = fileKind(file);
  const [broken, setBroken] = useState(false);
  // From another house nothing is loaded unasked: its owner would see who reads, and when.
  const shown = file.size <= MOST_SHOWN && !broken ? address?.shown : undefined;
  if (shown !== undefined && kind === "Picture") {
    return <Picture file={file} href={shown} onBroken={() => setBroken(true)} />;
  }
  if (shown !== undefined && (kind === "Voice" || kind === "Sound")) {
    return <SoundPlayer src={shown} name={kind === "Voice" ? "Voice note" : fileName(file)} />;
  }
  return <FileCard file={file} href={address?.shown ?? address?.href} broken={broken} />;
}

interface PictureProps {
  readonly file: FileReference;
  readonly href: string;
  readonly onBroken: () => void;
}

/** In a frame whose size is known before the picture is there, so that nothing jumps. */
function Picture({ file, href, onBroken }: PictureProps): ReactNode {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="block">
      <img
        src={href}
        alt={`${fileName(file)}, ${sizeWords(file.size)}`}
        loading="lazy"
        decoding="async"
        onError={onBroken}
        className="h-56 w-72 max-w-full rounded-card bg-tint object-cover"
      />
    </a>
  );
}

interface FileCardProps {
  readonly file: FileReference;
  readonly href: string | undefined;
  readonly broken: boolean;
}

function FileCard({ file, href, broken }: FileCardProps): ReactNode {
  const Icon = broken ? ImageOff : FileText;
  return (
    <span className="flex w-64 max-w-full items-center gap-3">
      <Icon size={24} aria-hidden="true" className="shrink-0" />
      <span className="min-w-0 flex-1">
        <bdi className="block truncate font-medium">{fileName(file)}</bdi>
        <span className="block text-small">
          {href === undefined ? "Its address is none." : sizeWords(file.size)}
        </span>
      </span>
      {href !== undefined && (
        <a
          href={href}
          download={fileName(file)}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={`Download ${fileName(file)}`}
          className="inline-flex size-11 shrink-0 items-center justify-center rounded-full
            hover:bg-black/10"
        >
          <Download size={20} aria-hidden="true" />
        </a>
      )}
    </span>
  );
}
