/** A line under the heading while something stands between this person and a call. */
import { type ReactNode, useEffect, useState } from "react";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { registrationWords } from "./registration-words.ts";

/** What mends itself sooner than this is not worth a word. */
const PATIENCE_MS = 600;

export function ConnectionLine(): ReactNode {
  const text = useTrouble();
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setShown(text), text === undefined ? 0 : PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div role="status">
      {shown !== undefined && (
        <p className="mx-4 mt-3 rounded-card bg-bronze-tint px-3 py-2 text-small">{shown}</p>
      )}
    </div>
  );
}

function useTrouble(): string | undefined {
  const { phone, people, bells } = useSession();
  const words = registrationWords(useStore(phone.registration));
  const { current } = useStore(people.people);
  const blocked = useStore(bells.blocked);
  if (words.tone !== "live") return words.long;
  if (!current) return "This list may be old: the connection is lost and tried again.";
  return blocked ? "Click anywhere, so that this page may ring." : undefined;
}
