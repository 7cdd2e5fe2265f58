/**
 * What of a seat comes after the phone has registered: one can be called before all of it is here,
 * and whatever a call needs has come before.
 */
import { useEffect } from "react";
import { late } from "../look/late.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";

export const ConversationStage = late(() =>
  import("../chat/conversation-stage.tsx").then((module) => module.ConversationStage),
);
export const HouseDialogs = late(() =>
  import("./house-dialogs.tsx").then((module) => module.HouseDialogs),
);

/** A phone that cannot register is no reason to do without the rest. */
const PATIENCE_MS = 3000;

/** Fetches the rest as soon as there is nothing more pressing. */
export function useLateParts(): void {
  const { phone } = useSession();
  const isRegistered = useStore(phone.registration).name === "Registered";
  useEffect(() => {
    const fetchAll = (): void => {
      void ConversationStage.load();
      void HouseDialogs.load();
    };
    const timer = setTimeout(fetchAll, isRegistered ? 0 : PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isRegistered]);
}
