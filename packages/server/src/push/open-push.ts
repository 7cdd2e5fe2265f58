/** The push services of this house, as it is configured. */
import { readFileSync } from "node:fs";
import { parseSipUri } from "carillon/uri";
import { CannotStart } from "../cannot-start.ts";
import type { Clock } from "../clock.ts";
import type { PushConfig } from "../config/push-config.ts";
import type { Log } from "../http/log.ts";
import type { HouseLocation } from "../store/house-location.ts";
import type { SqliteMessageStore } from "../store/messages/sqlite-message-store.ts";
import type { Store } from "../store/store.ts";
import { apnsDriver } from "./apns-driver.ts";
import { fcmDriver, serviceAccount } from "./fcm-driver.ts";
import { HousePush } from "./house-push.ts";
import type { PushDriver } from "./push-driver.ts";
import { subscriptionsOf } from "./push-subscriptions.ts";
import { vapidKeys } from "./vapid-keys.ts";
import { webPushDriver } from "./web-push-driver.ts";

export interface OpenPushParts {
  readonly data: string;
  readonly store: Store;
  readonly location: HouseLocation;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: PushConfig;
}

/** Without any service where nobody is to be woken. Throws CannotStart on keys that are none. */
export function openPush(parts: OpenPushParts): HousePush {
  const { store, location, clock, log, config } = parts;
  return new HousePush({
    ...{
      drivers: config.isOn ? driversOf(parts) : [],
      log,
      now: clock.steady,
      holdMs: config.holdMs,
    },
    nameOf: (uri) => {
      const read = parseSipUri(uri);
      const isHere = read.ok && read.value.host.toLowerCase() === store.house.domain;
      return isHere ? store.accounts.person(read.value.user ?? "")?.displayName : undefined;
    },
    bindings: (account) => location.bindings(account, clock.steady()),
    showsWords: (account, { prid }) =>
      subscriptionsOf(store.db, account).some((one) => one.endpoint === prid && one.showsWords),
  });
}

/** Has messages told of that come for phones that sleep; not one's own, which come back, too. */
export function tellOfMessages(push: HousePush, messages: SqliteMessageStore) {
  return (account: string, seq: number): void => {
    const what = messages.entry(account, seq)?.what;
    if (what?.kind !== "Message") return;
    const own = parseSipUri(what.from);
    if (own.ok && own.value.user === account) return;
    const isText = what.encoding === undefined && /^text\//i.test(what.contentType);
    push.message(account, { from: what.from, text: isText ? what.body : "" });
  };
}

function driversOf({ data, store, clock, config }: OpenPushParts): readonly PushDriver[] {
  const { wall } = clock;
  const { hosts, apns, fcm } = config;
  const ca = config.ca === undefined ? undefined : [readText(config.ca)];
  const web = webPushDriver({
    ...{ keys: vapidKeys(data), hosts, ca },
    subject: config.subject ?? `mailto:postmaster@${store.house.domain}`,
    keysOf: (account, endpoint) =>
      subscriptionsOf(store.db, account).find((one) => one.endpoint === endpoint),
  });
  const drivers = [web];
  try {
    if (apns) drivers.push(apnsDriver({ ...apns, key: readText(apns.key), ca, wall }));
    if (fcm) {
      const account = serviceAccount.parse(JSON.parse(readText(fcm.account)));
      drivers.push(fcmDriver({ account, server: fcm.server, ca, wall }));
    }
  } catch (error) {
    // Not what the file says: it is a secret.
    throw new CannotStart(`A key of a push service cannot be used: ${(error as Error).name}.`);
  }
  return drivers;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new CannotStart(`${file}, which the configuration names under push, cannot be read.`);
  }
}
