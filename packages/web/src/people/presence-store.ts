/** How everybody in the list is, and what one says of oneself, while the page is open. */
import type { Presence } from "carillon/documents";
import { createStore, type Store } from "../store.ts";
import { type OwnStatus, putStatus, readStatus } from "./presence-api.ts";

/** By address, as `addressKey` has it. */
export type Standings = ReadonlyMap<string, Presence>;

export interface PresenceStore {
  readonly standings: Store<Standings>;
  /** `undefined` until the house has told. */
  readonly own: Store<OwnStatus | undefined>;
  /** How many people wait for leave to see one. */
  readonly askers: Store<number>;
  /** Rejects with an ApiError. */
  say(status: OwnStatus): Promise<void>;
  close(): void;
}

export interface PresenceOptions {
  readonly seat: string;
  /** Follows everybody in the list until it is told to stop. */
  readonly watch: (told: (standings: Standings) => void) => () => void;
  /** Tells the others whether somebody is at this page, until it is told to stop. */
  readonly publish: () => () => void;
  /** Follows who asks to see one, until it is told to stop. */
  readonly watchAskers: (told: (count: number) => void) => () => void;
}

export function openPresence({
  seat,
  watch,
  publish,
  watchAskers,
}: PresenceOptions): PresenceStore {
  const standings = createStore<Standings>(new Map());
  const own = createStore<OwnStatus | undefined>(undefined);
  const askers = createStore(0);
  const stops = [watch(standings.write), publish(), watchAskers(askers.write)];
  // Without it there is nothing to change, and all else works.
  readStatus(seat).then(own.write, () => {});
  return {
    ...{ standings, own, askers },
    async say(status) {
      own.write(await putStatus(seat, status));
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}

/** The same for all ways to write an address that are seen here. */
export function addressKey(uri: string): string {
  const [bare = ""] = uri.split(/[;?]/, 1);
  const [user, host = ""] = bare.replace(/^(?:sips?|pres):/i, "").split(/@(?=[^@]*$)/);
  return `${user}@${host.toLowerCase()}`;
}
