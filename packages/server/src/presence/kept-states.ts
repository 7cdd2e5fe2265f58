/** Subscriptions and publications as the state agent keeps them, in the house's database. */
import type {
  PublicationStore,
  SavedPublication,
  SavedSubscription,
  SubscriptionStore,
} from "carillon/state-agent";
import type { EventStates, KeptState } from "../store/event-states.ts";

/** Those to events of which `keeps` is true: two agents have one table. */
export function keptSubscriptions(
  states: EventStates,
  keeps: (event: string) => boolean,
): SubscriptionStore {
  const isMine = ({ event }: SavedSubscription) => keeps((event.split(";")[0] ?? "").trim());
  return {
    all: () => states.values(revived<SavedSubscription>).filter(isMine),
    save: (one) => states.save(written(one)),
    // A row that stays is of a subscription that nobody answers for, and ends like any such one.
    remove: (id) => states.remove(id).whenSettled(nothing, nothing),
  };
}

export function keptPublications(states: EventStates): PublicationStore {
  return {
    all: () => states.values(revived<SavedPublication>),
    save: (one) => states.save(written(one)),
    remove: (id) => states.remove(id),
  };
}

interface Kept {
  readonly id: string;
  readonly expiresAt: number;
}

const written = (one: Kept): KeptState => ({
  ...{ id: one.id, expiresAt: one.expiresAt, record: JSON.stringify(one) },
});

/** On the clock of this run. */
const revived = <T extends Kept>(value: unknown, expiresAt: number): T => ({
  ...{ ...(value as T), expiresAt },
});

const nothing = (): void => {};
