/**
 * What everything else of the server is made with: its log, what is configured, the store and what
 * follows from it (who is here, how they are, who is banned), its certificates.
 */
import { orCannotStart } from "../cannot-start.ts";
import { houseCertificates } from "../certificates/house-certificates.ts";
import type { Clock } from "../clock.ts";
import { type LiveConfig, openConfig } from "../config/live-config.ts";
import { refuseSecond } from "../control/control-server.ts";
import { Tracing } from "../control/tracing.ts";
import { aorOf } from "../http/house-context.ts";
import { createLog, type Log } from "../http/log.ts";
import { PeopleFeed } from "../http/people-feed.ts";
import { bindable, ownAddresses } from "../own-addresses.ts";
import { HousePresence } from "../presence/house-presence.ts";
import { houseStatuses } from "../presence/house-views.ts";
import { type HouseShield, houseShield } from "../protection/house-shield.ts";
import { HouseSeeing } from "../seeing/house-seeing.ts";
import type { Settings } from "../settings.ts";
import { type DurableHouse, durableHouse } from "../store/durable-house.ts";
import type { DamagedRow } from "../store/event-states.ts";
import { keepHouseLimits } from "../store/house-limits.ts";
import type { HouseLocation } from "../store/house-location.ts";
import { keepHouseRetention } from "../store/messages/retention.ts";
import { openStore, type Store } from "../store/store.ts";
import { closeIt } from "./close-it.ts";

/** Whatever `openHouse` gives. */
export type HouseParts = Awaited<ReturnType<typeof openHouse>>;

export interface HouseWorld {
  readonly clock: Clock;
  readonly hostname: string;
}

/** Throws CannotStart in words. */
export async function openHouse(
  parts: AsyncDisposableStack,
  settings: Settings,
  { clock, hostname }: HouseWorld,
) {
  const { logLevel: level, logFormat: format, data } = settings;
  const log = createLog({ level, format, now: clock.steady });
  const config = await openConfig({ folder: process.cwd(), config: settings.config }, log);
  const store = parts.adopt(orCannotStart(openStore({ ...settings, hostname }, clock)), closeIt);
  await refuseSecond(data);
  keepLimits(store, config);
  // Those are read in later turns.
  const onEarlier: HouseShield["remember"] = (...one) => guarded.remember(...one);
  const { durable, presence, people } = keep(parts, { store, data, clock, config, log, onEarlier });
  const { writes } = durable;
  const guarded = parts.adopt(houseShield({ store, writes, clock, config, log }), closeIt);
  const names = { domain: store.house.domain, hostname };
  const shown = { settings, config, clock, log, names: { ...names, addresses: ownAddresses() } };
  const certificates = parts.adopt(await houseCertificates(shown), closeIt);
  const tracing = new Tracing();
  const watched = { config: config.seeing, clock, log, tracing };
  const seeing = parts.adopt(new HouseSeeing(watched), closeIt);
  return {
    ...{ settings, clock, log, config, store, durable, presence, people },
    ...{ guarded, names, certificates, tracing, seeing },
    /** Those to listen at. */
    addresses: bindable(settings.host),
  };
}

/** In the house, so that the command line goes by them, too. */
function keepLimits({ db }: Store, { limits, retention }: LiveConfig): void {
  keepHouseLimits(db, limits);
  keepHouseRetention(db, retention);
}

interface KeptOptions {
  readonly store: Store;
  readonly data: string;
  readonly clock: Clock;
  readonly config: LiveConfig;
  readonly log: Log;
  readonly onEarlier: HouseShield["remember"];
}

/** What outlives the program, and what follows from it: who is here, and how they are. */
function keep(parts: AsyncDisposableStack, { log, config, ...house }: KeptOptions) {
  const { store, clock } = house;
  const onChange = (account: string) => {
    people.changed();
    presence.moved(account);
  };
  const onRevoked = (account: string) => presence.revoked(account);
  const onLostRecord = (cause: unknown) => log.warn({ cause: String(cause) }, "call not recorded");
  const onDamaged = ({ kind, id, cause }: DamagedRow) =>
    log.error({ kind, id, cause: String(cause) }, "a record of an earlier run cannot be read");
  const heard = { onChange, onRevoked, onLostRecord, onDamaged };
  const kept = { ...house, ...heard, rights: config };
  const durable = parts.adopt(durableHouse(kept), closeIt);
  const presence = parts.adopt(presenceOf(store, durable, clock, config), closeIt);
  const people = parts.adopt(peopleFeed(store, durable.location, clock), closeIt);
  return { durable, presence, people };
}

function presenceOf(
  store: Store,
  durable: DurableHouse,
  clock: Clock,
  config: LiveConfig,
): HousePresence {
  const isOnline = (account: string) => durable.location.online(account, clock.steady());
  return new HousePresence({ ...durable, store, clock, isOnline, config: config.presence });
}

function peopleFeed(store: Store, location: HouseLocation, clock: Clock): PeopleFeed {
  const read = () => peopleHere(store, location, clock);
  return new PeopleFeed(read, (id) => store.accounts.session(id));
}

function peopleHere(store: Store, location: HouseLocation, clock: Clock) {
  const statuses = houseStatuses(store, clock);
  return store.accounts.people().map(({ name, displayName }) => ({
    name,
    displayName,
    aor: aorOf({ store }, name),
    online: location.online(name, clock.steady()),
    rules: store.presence.rules(name),
    isHidden: statuses.of(name)?.isHidden === true,
  }));
}
