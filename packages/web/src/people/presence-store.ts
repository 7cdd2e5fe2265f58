/** How everybody in the list is, and what one says of oneself, while the page is open. */
import type { Presence } from "carillon/documents";
import { createStore, type Store } from "../store.ts";
import { nextStatus, watchIdle } from "./idle.ts";
import { type OwnStatus, putStatus, readStatus } from "./presence-api.ts";

/** By address, as `addressKey` has it. */
export type Standings = ReadonlyMap<string, Presence>;

export interface PresenceStore {
  readonly standings: Store<Standings>;
  /** `undefined` until the house has told. */
  readonly own: Store<OwnStatus | undefined>;
  /** Rejects with an ApiError. */
  say(status: OwnStatus): Promise<void>;
  close(): void;
}

export interface PresenceOptions {
  readonly seat: string;
  /** Follows everybody in the list until it is told to stop. */
  readonly watch: (told: (standings: Standings) => void) => () => void;
  readonly inCall: () => boolean;
}

export function openPresence({ seat, watch, inCall }: PresenceOptions): PresenceStore {
  const standings = createStore<Standings>(new Map());
  const own = createStore<OwnStatus | undefined>(undefined);
  const unwatch = watch(standings.write);
  // What this page said because nobody was there, it takes back when somebody is.
  let wasSelf = false;
  let busy = false;
  const put = async (status: OwnStatus): Promise<void> => own.write(await putStatus(seat, status));
  readStatus(seat).then(own.write, () => {});
  const idle = watchIdle(localStorage, () => {
    const now = own.read();
    if (now === undefined || busy) return;
    const next = nextStatus(now, { idleMs: idle.idleMs(), wasSelf, inCall: inCall() });
    if (next === undefined) return;
    wasSelf = next.status === "away";
    busy = true;
    // Said again at the next look if the house does not hear it now.
    put(next)
      .catch(() => {
        wasSelf = !wasSelf;
      })
      .finally(() => {
        busy = false;
      });
  });
  return {
    ...{ standings, own },
    async say(status) {
      wasSelf = false;
      await put(status);
    },
    close() {
      unwatch();
      idle.close();
    },
  };
}

/** The same for all ways to write an address that are seen here. */
export function addressKey(uri: string): string {
  const [bare = ""] = uri.split(/[;?]/, 1);
  const [user, host = ""] = bare.replace(/^(?:sips?|pres):/i, "").split(/@(?=[^@]*$)/);
  return `${user}@${host.toLowerCase()}`;
}
