/** Lets a person hear how this page will ring, once. */
import { useEffect, useState } from "react";
import { useSession } from "../phone/seat-session.ts";
import { tunes } from "../sound/tunes.ts";

export function useTryRing(): { readonly ringing: boolean; readonly tryRing: () => void } {
  const { bells } = useSession();
  const [ringing, setRinging] = useState(false);
  useEffect(() => {
    if (!ringing) return;
    const timer = setTimeout(() => setRinging(false), (tunes.ring.periodSeconds ?? 0) * 1000);
    return () => clearTimeout(timer);
  }, [ringing]);
  return {
    ringing,
    tryRing() {
      setRinging(true);
      bells.once("ring");
    },
  };
}
