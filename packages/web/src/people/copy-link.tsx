/** A link in a box, with a button that copies it and one that hands it to another app. */
import { Check, Copy, Share2 } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { Button } from "../look/button.tsx";

export function CopyLink({ link }: { readonly link: string }): ReactNode {
  const box = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  const copy = async (): Promise<void> => {
    box.current?.select();
    // The clipboard exists on https and localhost only; elsewhere the link is at least selected.
    const copied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    );
    setSaid(copied ? "Copied" : "The link is selected: copy it with Ctrl+C.");
  };
  return (
    <>
      <div className="mt-5 flex gap-2">
        <input
          ref={box}
          readOnly
          aria-label="Invite link"
          value={link}
          onFocus={(event) => event.target.select()}
          className="h-11 min-w-0 flex-1 rounded-card border border-edge bg-sky px-3 font-mono
            text-small"
        />
        <Button tone="primary" onClick={copy}>
          {said === "Copied" ? (
            <Check size={18} aria-hidden="true" />
          ) : (
            <Copy size={18} aria-hidden="true" />
          )}
          {said === "Copied" ? "Copied" : "Copy"}
        </Button>
        {"share" in navigator && (
          <Button aria-label="Share the link" onClick={() => share(link)} className="desk:hidden">
            <Share2 size={18} aria-hidden="true" />
          </Button>
        )}
      </div>
      <p role="status" className={said === "Copied" ? "sr-only" : "mt-2 text-small"}>
        {said}
      </p>
    </>
  );
}

function share(url: string): void {
  // Who closes the sheet again has not met an error.
  navigator.share({ title: "Carillon", text: "Talk with me here:", url }).catch(() => {});
}
