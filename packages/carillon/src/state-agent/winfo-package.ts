/** Who watches one's presence, and who wants to, as a package of a server. RFC 3857. */
import {
  formatWatcherInfo,
  WATCHERINFO_TYPE,
  type WatcherState,
} from "../documents/watcherinfo.ts";
import type { Millis } from "../grammar/millis.ts";
import { toText } from "../grammar/octets.ts";
import { NOT_TOLD, plainStanding } from "./handling.ts";
import { fitting, octetsInXml } from "./room.ts";
import { ToldRows } from "./row-changes.ts";
import type { Rules } from "./rules.ts";
import type { ServedPackage } from "./source.ts";
import type { WatcherEntry, WatcherTable } from "./watcher-table.ts";

export interface WinfoPackageParts {
  readonly watchers: WatcherTable;
  readonly rules: Rules;
  readonly addressOf: (account: string) => string;
  readonly now: () => Millis;
}

export const winfoPackage = (parts: WinfoPackageParts): ServedPackage => ({
  ...{ event: "presence.winfo", accept: [WATCHERINFO_TYPE] },
  //= RFC 3857 §4.4
  //# We arbitrarily choose one hour.
  expiresSeconds: 3600,
  minGapMs: 5000,
  open: (asked, changed) => {
    const { watchers, rules, now } = parts;
    const { resource } = asked;
    const isAllowed = () => plainStanding(rules, asked) === "Allowed";
    //= RFC 3857 §4.6
    //# Therefore, all watcherinfo subscriptions SHOULD be authenticated and then authorized before
    //# approval.
    if (!isAllowed()) return NOT_TOLD;
    const told = new ToldRows<WatcherEntry>();
    const listener = () => {
      if (!isAllowed() || told.differs(watchers.of(resource))) changed();
    };
    watchers.listen(resource, listener);
    return {
      body: (version, isWhole) => {
        const { changed: fresh, gone } = told.tell(watchers.of(resource), isWhole);
        const over = gone.map((one): WatcherEntry => ({ ...one, ...ENDED }));
        const all = isWhole ? fresh : [...fresh, ...over];
        if (all.length === 0 && !isWhole) return undefined;
        const list = {
          ...{ resource: parts.addressOf(resource), package: "presence" },
          // Those who came last.
          watchers: fitting(all.toReversed(), MAX_OCTETS, octetsOf)
            .toReversed()
            .map((one) => stateOf(one, now())),
        };
        const state = isWhole ? "full" : "partial";
        const body = formatWatcherInfo({ version, state, lists: [list] });
        return { contentType: WATCHERINFO_TYPE, body };
      },
      standing: () => (isAllowed() ? "Allowed" : "Refused"),
      closed: () => watchers.unlisten(resource, listener),
    };
  },
});

const ENDED = { status: "terminated", event: "timeout" } as const;

const stateOf = (
  { id, watcher, status, event, since }: WatcherEntry,
  now: Millis,
): WatcherState => ({
  ...{ id, status, event, uri: toText(watcher.uri) },
  displayName: watcher.displayName.slice(0, MAX_NAME),
  durationSeconds: Math.max(0, Math.floor((now - since) / 1000)),
});

const octetsOf = ({ watcher }: WatcherEntry): number =>
  ROW_OCTETS + octetsInXml(watcher.uri) + octetsInXml(watcher.displayName.slice(0, MAX_NAME));

/** All of them have to fit into one NOTIFY. */
const MAX_OCTETS = 32_000;
/** An element with its attributes. */
const ROW_OCTETS = 150;
const MAX_NAME = 64;
