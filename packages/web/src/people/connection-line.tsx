/** A line under the heading while something stands between this person and a call. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { nextLine, type Wanted } from "./next-line.ts";
import { registrationWords } from "./registration-words.ts";

export function ConnectionLine(): ReactNode {
  const { words, tries, wasHere } = useWanted();
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    const next = nextLine(shown, { words, tries, wasHere });
    const timer = setTimeout(() => setShown(next.words), next.afterMs);
    return () => clearTimeout(timer);
  }, [shown, words, tries, wasHere]);
  return (
    <div role="status">
      {shown !== undefined && (
        <p className="mx-4 mt-3 rounded-card bg-bronze-tint px-3 py-2 text-small">{shown}</p>
      )}
    </div>
  );
}

function useWanted(): Wanted {
  const { phone, people, bells } = useSession();
  const state = useStore(phone.registration);
  const { current } = useStore(people.people);
  const blocked = useStore(bells.blocked);
  const wasHere = useRef(false);
  const { tone, long } = registrationWords(state);
  if (tone === "live") wasHere.current = true;
  const well = { tries: false, wasHere: wasHere.current };
  if (tone !== "live") {
    const tries = state.name === "Connecting" && state.error === undefined;
    return { ...well, words: long, tries };
  }
  if (!current) {
    return { ...well, words: "This list may be old: the connection is lost and tried again." };
  }
  return { ...well, words: blocked ? "Click anywhere, so that this page may ring." : undefined };
}
