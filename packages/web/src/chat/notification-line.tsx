/** Asks once whether messages may be told of while the page is in the background. */
import type { ReactNode } from "react";
import { Button } from "../look/button.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";

export function NotificationLine(): ReactNode {
  const { notifications } = useSession();
  if (!useStore(notifications.asks)) return null;
  return (
    <div className="mx-4 mt-3 rounded-card bg-tint p-3">
      <p className="text-small">
        Shall your browser tell you of messages while you do other things?
      </p>
      <div className="mt-2 flex gap-2">
        <Button className="flex-1" onClick={notifications.decline}>
          No
        </Button>
        <Button tone="primary" className="flex-1" onClick={() => void notifications.allow()}>
          Yes
        </Button>
      </div>
    </div>
  );
}
