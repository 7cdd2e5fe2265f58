/**
 * The parts that keep a running server's promise, put together: the thread with the disk, the
 * queue before it, the bindings that an earlier run left, and what the house changes about itself.
 */
import type { BridgedStore } from "carillon/b2bua";
import type { Binding, Calls, OutgoingStore } from "carillon/roles";
import type { Clock } from "../clock.ts";
import { recordCalls } from "./call-records.ts";
import type { EventStateKind } from "./change.ts";
import { type HouseWrites, writesThrough } from "./commands.ts";
import { earlierBindings } from "./earlier-bindings.ts";
import { EventStates, type EventStatesParts, type KeptState } from "./event-states.ts";
import { HouseLocation } from "./house-location.ts";
import { keptBridged } from "./kept-bridged.ts";
import { keptOutgoing } from "./kept-outgoing.ts";
import { SqliteMessageStore } from "./messages/sqlite-message-store.ts";
import { sqliteDisk } from "./sqlite-disk.ts";
import type { Store } from "./store.ts";
import { WriteQueue } from "./write-queue.ts";
import { WrittenBehind } from "./written-behind.ts";

export interface DurableHouse {
  readonly location: HouseLocation;
  readonly writes: HouseWrites;
  /** What people say to each other. */
  readonly messages: SqliteMessageStore;
  /** Keeps a record of each. */
  readonly calls: Calls;
  /** What of presence and other events has to outlive the process. */
  readonly subscriptions: EventStates;
  readonly publications: EventStates;
  /** What people call elsewhere, and have spent on it today. */
  readonly outgoing: OutgoingStore;
  /** Calls through the media engine, which end with the program. */
  readonly bridged: BridgedStore;
  /** Calls of people here that go on, as they are read at a start, and written behind them. */
  readonly ongoing: Pick<EventStates, "values"> & Pick<WrittenBehind, "save" | "remove">;
  /** Changes that wait for the disk, and whether it is too far behind. */
  census(): { readonly waiting: number; readonly isBehind: boolean };
  /** When all that an earlier run left is in memory; it is found before, too. */
  readonly loaded: Promise<void>;
  /** From now on the location answers in a turn of this. */
  answerIn(turn: (run: () => void) => void): void;
  /** Once everything that was asked for is on the disk. */
  close(): Promise<void>;
}

export interface DurableParts {
  readonly store: Store;
  /** The data folder. */
  readonly data: string;
  readonly clock: Clock;
  /** Somebody came online or left, perhaps. */
  readonly onChange: (account: string) => void;
  /** Hears once of each account that has bindings of an earlier run. */
  readonly onEarlier?: (account: string, bindings: readonly Binding[]) => void;
  /** A device or session of this account has ended. */
  readonly onRevoked?: (account: string) => void;
  /** For whom else an account may have registered devices. */
  readonly rights?: { registersFor(account: string): readonly string[] };
  /** A call's record could not be written. */
  readonly onLostRecord: (cause: unknown) => void;
  /** What an earlier run wrote cannot be read: it is as if it had not been written. */
  readonly onDamaged?: NonNullable<EventStatesParts["damaged"]>;
}

/** How often it looks whether another process has revoked something. Costs 5 µs. */
const FOLLOW_MS = 250;

export function durableHouse(parts: DurableParts): DurableHouse {
  const { store, data, clock, onChange, onEarlier } = parts;
  const disk = sqliteDisk(data);
  const queue = new WriteQueue({ disk, now: clock.steady, defer });
  const earlier = earlierBindings(store.db, clock);
  const location = new HouseLocation({ queue, clock, earlier, onChange, onEarlier });
  const follow = (look: "Soon" | "Now" = "Soon"): void => {
    for (const { account, credential } of store.revocations.news(look)) {
      const others = parts.rights?.registersFor(account) ?? [];
      for (const whose of [account, ...others]) location.revoke(whose, credential);
      parts.onRevoked?.(account);
    }
  };
  const timer = setInterval(follow, FOLLOW_MS).unref();
  const writes = queuedWrites(queue, () => follow("Now"));
  let isClosed = false;
  const loaded = loadAll(location, () => isClosed);
  // What is too old or without an owner goes once the disk has time for it.
  void loaded.then(() => (isClosed ? undefined : writes.sweep(clock.wall()).catch(() => {})));
  const { db, house } = store;
  const messages = new SqliteMessageStore({ db, queue, domain: house.domain });
  const kept = keptStates({ db, queue, clock, damaged: parts.onDamaged }, parts.onLostRecord);
  store.sessions.writeSeen = (id, at) => void writes.sawSession(id, at).catch(() => {});
  return {
    location,
    writes,
    messages,
    census: () => ({ waiting: queue.length, isBehind: queue.isBehind }),
    calls: recordCalls(queue, clock, parts.onLostRecord),
    ...kept,
    loaded,
    answerIn: (turn) => queue.answerIn(turn),
    close: async () => {
      clearInterval(timer);
      isClosed = true;
      // The endpoint has gone, and its turns with it.
      queue.answerIn((run) => run());
      await loaded;
      await queue.drained();
      await disk.close();
    },
  };
}

/** What goes on for a time, each kind in its place. */
function keptStates(parts: EventStatesParts, lost: (cause: unknown) => void) {
  const of = (kind: EventStateKind) => new EventStates(kind, parts);
  const calls = of("call");
  const behind = new WrittenBehind(calls, lost);
  return {
    subscriptions: of("subscription"),
    publications: of("publication"),
    outgoing: keptOutgoing(of("spending"), of("leg"), lost),
    bridged: keptBridged(of("bridged"), parts.clock.steady, lost),
    ongoing: {
      values: <T>(read: (value: unknown, expiresAt: number) => T) => calls.values(read),
      save: (state: KeptState) => behind.save(state),
      remove: (id: string) => behind.remove(id),
    },
  };
}

/** Piece by piece, each in a turn of its own. */
async function loadAll(location: HouseLocation, isClosed: () => boolean): Promise<void> {
  do await new Promise((later) => setImmediate(later));
  while (!isClosed() && location.load());
}

/** `changed` hears of each that is on the disk before whoever asked does. */
export function queuedWrites(queue: WriteQueue, changed: () => void): HouseWrites {
  return writesThrough(
    (name, args) =>
      new Promise((resolve, reject) => {
        const settled = (value: unknown) => {
          changed();
          resolve(value);
        };
        queue.write({ kind: "Command", name, args }, "Patient").whenSettled(settled, reject);
      }),
  );
}

function defer(run: () => void, waitMs: number): void {
  if (waitMs > 0) setTimeout(run, waitMs);
  else setImmediate(run);
}
