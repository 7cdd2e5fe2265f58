/** What people write to each other, as services of the SIP server on the house's own store. */
import { randomUUID } from "node:crypto";
import { JOURNAL_EVENT } from "carillon/documents";
import { type MessageStore, type Messaging, messaging, type Rate } from "carillon/messaging";
import type { Service } from "carillon/roles";
import { type Mailboxes, StateAgent } from "carillon/state-agent";
import type { Clock } from "../clock.ts";
import type { ChangeGroup } from "../http/group-routes.ts";
import { keptSubscriptions } from "../presence/kept-states.ts";
import type { EventStates } from "../store/event-states.ts";
import type { SqliteMessageStore } from "../store/messages/sqlite-message-store.ts";
import { keptName } from "../store/name.ts";
import { promised } from "../store/pending.ts";

export interface MailWishes {
  readonly rate?: Rate;
  /** An entry of this number has been added to somebody's journal. */
  readonly added?: ((account: string, seq: number) => void) | undefined;
}

export const mailFor = (
  store: MessageStore,
  clock: Pick<Clock, "wall">,
  { rate, added }: MailWishes = {},
): Messaging =>
  messaging({
    ...{ store, wall: clock.wall, isReserved: (name) => keptName(name) !== undefined },
    ...(rate && { rate }),
    ...(added && { added }),
  });

/**
 * What has it kept and delivered. Journals have an agent of their own: they are served whatever
 * else is. Who reads one over UDP does not notice a restart, and is told all the same.
 */
export const mailServices = (mail: Messaging, readers?: EventStates): readonly Service[] => [
  new StateAgent({
    packages: [mail.journal],
    ...(readers && {
      subscriptions: keptSubscriptions(readers, (event) => event === JOURNAL_EVENT),
    }),
  }),
  mail,
];

/** What is new to somebody, for the lamp of a phone on a desk. RFC 3842. */
export const mailboxesOf = (store: Pick<SqliteMessageStore, "heard">): Mailboxes => ({
  of: (account) => {
    const { unread, read } = store.heard(account);
    const counts = { new: unread, old: read, urgentNew: undefined, urgentOld: undefined };
    return {
      ...{ isWaiting: unread > 0, account: undefined },
      counts: new Map(unread + read > 0 ? [["text-message", counts]] : []),
    };
  },
});

/** Groups changed from outside: in a turn of the endpoint, as everything that it does. */
export const groupChanges =
  (mail: Messaging, inTurn: (run: () => void) => void): ChangeGroup =>
  (by, wish) =>
    new Promise((resolve, reject) => {
      inTurn(() => {
        promised(mail.changeGroup(by, wish, randomUUID())).then(resolve, reject);
      });
    });
