/** The house as its state agent sees it: statuses, contact lists, calls. */
import type { DialogState } from "carillon/documents";
import type { Contacts, KnownCalls, OwnStatus, Statuses } from "carillon/state-agent";
import type { Clock } from "../clock.ts";
import type { Status } from "../store/presence-settings.ts";
import type { Store } from "../store/store.ts";
import { wholeList } from "../store/whole-list.ts";
import type { HouseCall, HouseCalls } from "./house-calls.ts";

/** How much a busy lamp tells; each of them what the one before does. */
export const LAMPS = ["state", "names", "pickup"] as const;
/**
 * `state`: that somebody is called, or talks. `names`: and with whom. `pickup`: and what a phone
 * needs to take over a call that rings there (RFC 3891), which is also what it takes to break in.
 */
export type Lamps = (typeof LAMPS)[number];

export function houseStatuses({ presence }: Pick<Store, "presence">, clock: Clock): Statuses {
  return {
    of: (account) => {
      const { status, note } = presence.status(account, clock.wall());
      return status === "online" && note === "" ? undefined : said(status, note);
    },
  };
}

function said(status: Status, note: string): OwnStatus {
  const activities = status === "busy" || status === "away" ? [status] : [];
  return { activities, note, isHidden: status === "offline" };
}

/** More than a list that is told whole shows well; the library counts no more than this, either. */
const MOST_OF_HOUSE = 1000;

export function houseContacts(store: Pick<Store, "presence" | "accounts" | "house">): Contacts {
  return {
    of: (account) =>
      wholeList(store, account, MOST_OF_HOUSE).map(({ uri, displayName }) => ({
        uri,
        name: displayName,
      })),
  };
}

export function knownCalls(
  calls: HouseCalls,
  lamps: Lamps,
  aorOf: (account: string) => string,
): KnownCalls {
  return { of: (account) => calls.of(account).map((call) => lit(call, lamps, aorOf(account))) };
}

function lit(call: HouseCall, lamps: Lamps, aor: string): DialogState {
  const { id, state, direction, remote, callId, localTag, remoteTag } = call;
  const shown = { id, state, direction };
  if (lamps === "state") return shown;
  const { uri: identity, name: displayName } = remote;
  const named = {
    ...shown,
    local: { identity: aor },
    ...(identity !== "" && { remote: { identity, displayName: displayName || undefined } }),
  };
  return lamps === "names" ? named : { ...named, callId, localTag, remoteTag };
}
