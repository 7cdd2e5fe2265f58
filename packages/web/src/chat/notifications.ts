/** Messages told of beside the page, where the person and the browser allow it. */
import type { Drawer } from "../phone/kept-calls.ts";
import { createStore, type Store } from "../store.ts";

export interface Notifications {
  /** Whether now is the moment to ask: somebody writes here, and has not said yes or no. */
  readonly asks: Store<boolean>;
  /** Somebody has written a message: from now on one may ask. */
  wanted(): void;
  allow(): Promise<void>;
  decline(): void;
  /** Shows one, if that is allowed; `open` when it is pressed. */
  show(title: string, body: string, tag: string, open: () => void): void;
  close(): void;
}

const KEY = "carillon.notifications";

export function openNotifications(drawer: Drawer): Notifications {
  const asks = createStore(false);
  const shown = new Map<string, Notification>();
  const state = (): NotificationPermission =>
    typeof Notification === "undefined" ? "denied" : Notification.permission;
  const declined = (): boolean => {
    try {
      return drawer.getItem(KEY) === "no";
    } catch {
      return true;
    }
  };
  return {
    asks,
    wanted: () => asks.write(state() === "default" && !declined()),
    async allow() {
      asks.write(false);
      await Notification.requestPermission().catch(() => {});
    },
    decline() {
      asks.write(false);
      try {
        drawer.setItem(KEY, "no");
      } catch {
        // It is asked again with the next page.
      }
    },
    show(title, body, tag, open) {
      if (state() !== "granted") return;
      try {
        const notification = new Notification(title, { body, tag, icon: "/favicon.svg" });
        shown.set(tag, notification);
        notification.onclick = () => {
          window.focus();
          notification.close();
          open();
        };
      } catch {
        // Phones show them from a service worker only.
      }
    },
    close() {
      for (const one of shown.values()) one.close();
    },
  };
}
