/** What the house knows of pages that ring while they are closed. */
import { ask } from "../api.ts";

export interface ClosedPage {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly isThis: boolean;
}

export interface PushTold {
  /** The house's own key, for the browser; null where it wakes nobody. */
  readonly key: string | null;
  /** Where this session's pushes go; null: it gets none. */
  readonly endpoint: string | null;
  readonly showsWords: boolean;
  readonly pages: readonly ClosedPage[];
}

export interface Subscription {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly showsWords: boolean;
}

export const readPush = (seat: string): Promise<PushTold> => ask("GET", `${seat}api/push`);

export const putPush = (seat: string, subscription: Subscription): Promise<void> =>
  ask("POST", `${seat}api/push`, subscription);

/** `this` is the session's own. */
export const dropPush = (seat: string, id: string): Promise<void> =>
  ask("POST", `${seat}api/push/${encodeURIComponent(id)}/revoke`, {});
