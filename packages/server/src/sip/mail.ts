/** What people write to each other, as a service of the SIP server on the house's own store. */
import { randomUUID } from "node:crypto";
import { type MessageStore, type Messaging, messaging } from "carillon/messaging";
import type { Clock } from "../clock.ts";
import type { ChangeGroup } from "../http/group-routes.ts";
import { keptName } from "../store/name.ts";
import { promised } from "../store/pending.ts";

/** For `services` of the server. */
export const mailFor = (store: MessageStore, clock: Pick<Clock, "wall">): Messaging =>
  messaging({ store, wall: clock.wall, isReserved: (name) => keptName(name) !== undefined });

/** Groups changed from outside: in a turn of the endpoint, as everything that it does. */
export const groupChanges =
  (mail: Messaging, inTurn: (run: () => void) => void): ChangeGroup =>
  (by, wish) =>
    new Promise((resolve, reject) => {
      inTurn(() => {
        promised(mail.changeGroup(by, wish, randomUUID())).then(resolve, reject);
      });
    });
