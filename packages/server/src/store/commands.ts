/**
 * What the program changes about the house, each as one function that is carried out whole or not
 * at all. The server has its worker carry them out, the command line does so itself.
 */
import type { Ban } from "carillon/roles";
import { forgetOldBans, writeBan } from "../protection/ban-table.ts";
import {
  dropSubscription,
  type PushSubscription,
  putSubscription,
} from "../push/push-subscriptions.ts";
import type { Outcome } from "../refusal.ts";
import type { NewPhone, NewPhoneWish, PhoneGone } from "./accounts.ts";
import { forgetOldCalls } from "./call-records.ts";
import type { Invite, InviteWish } from "./invites.ts";
import type { ContactList, OwnStatus, PresenceRules, WatcherRule } from "./presence-settings.ts";
import type { Joined, Store } from "./store.ts";
import { sweepBindings, sweepEventStates } from "./write-states.ts";

export interface Commands {
  /** One person joins by invite: a name, an account and a session, or none of it. */
  join(wanted: { readonly invite: string; readonly name: string }): Outcome<Joined>;
  makeInvite(wanted: InviteWish): Invite;
  addPhone(wanted: NewPhoneWish): Outcome<NewPhone>;
  revokePhone(account: string, id: string): Outcome<PhoneGone>;
  endSession(id: string): void;
  sawSession(id: string, at: number): void;
  putContacts(account: string, list: ContactList): Outcome<void>;
  putRules(account: string, rules: PresenceRules): Outcome<void>;
  putStatus(account: string, status: OwnStatus): Outcome<void>;
  /** Somebody wants to see how this account is, and has to be answered. */
  askedToSee(account: string, watcher: string, at: number): void;
  /** The answer. */
  decideOn(account: string, rule: WatcherRule): Outcome<PresenceRules>;
  /** In place of what there was of its source. */
  putBan(ban: Ban): void;
  /** A page is told of calls while it is closed; in place of what its session had. */
  putPush(subscription: PushSubscription): void;
  dropPush(account: string, endpoint: string): void;
  /** Takes out what is too old, and bindings whose device or session is gone. */
  sweep(wall: number): void;
}

/** The same for whoever cannot wait for a disk: rejected with StoreBusy if it is behind. */
export type HouseWrites = {
  readonly [Name in keyof Commands]: (
    ...args: Parameters<Commands[Name]>
  ) => Promise<ReturnType<Commands[Name]>>;
};

export function commandsOf(store: Omit<Store, "house">): Commands {
  const { db, accounts, invites, presence, sessions, revocations, join } = store;
  return {
    join,
    makeInvite: (wanted) => invites.make(wanted),
    addPhone: (wanted) => accounts.addPhone(wanted),
    revokePhone: (account, id) => accounts.revokePhone(account, id),
    endSession: (id) => sessions.end(id),
    sawSession: (id, at) => sessions.saw(id, at),
    putContacts: (account, list) => presence.putContacts(account, list),
    putRules: (account, rules) => presence.putRules(account, rules),
    putStatus: (account, status) => presence.putStatus(account, status),
    askedToSee: (account, watcher, at) => presence.asked(account, watcher, at),
    decideOn: (account, rule) => presence.decide(account, rule),
    putBan: (ban) => writeBan(db, ban),
    putPush: (subscription) => putSubscription(db, subscription),
    dropPush: (account, endpoint) => dropSubscription(db, account, endpoint),
    sweep: (wall) => {
      sweepBindings(db, wall);
      sweepEventStates(db, wall);
      forgetOldCalls(db, wall);
      forgetOldBans(db, wall);
      revocations.forgetOld();
    },
  };
}

/** Hands each of them to `ask`, by its name. */
export function writesThrough(
  ask: (name: keyof Commands, args: readonly unknown[]) => Promise<unknown>,
): HouseWrites {
  const through =
    (name: keyof Commands) =>
    (...args: readonly unknown[]) =>
      ask(name, args);
  const names: Record<keyof Commands, true> = {
    join: true,
    makeInvite: true,
    addPhone: true,
    revokePhone: true,
    endSession: true,
    sawSession: true,
    putContacts: true,
    putRules: true,
    putStatus: true,
    askedToSee: true,
    decideOn: true,
    putBan: true,
    putPush: true,
    dropPush: true,
    sweep: true,
  };
  const entries = Object.keys(names).map((name) => [name, through(name as keyof Commands)]);
  return Object.fromEntries(entries) as HouseWrites;
}
