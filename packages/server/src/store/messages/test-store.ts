/** A store of messages for tests: a real database, whose disk answers in the same turn. */
import { Pending } from "carillon/roles";
import { type TestHouse, testHouse } from "../../test-house.ts";
import { batcher } from "../apply-batch.ts";
import type { Change } from "../change.ts";
import type { Disk, Written } from "../disk.ts";
import { WriteQueue } from "../write-queue.ts";
import { SqliteMessageStore } from "./sqlite-message-store.ts";

export interface TestMessages {
  readonly house: TestHouse;
  readonly store: SqliteMessageStore;
  /** What is written from now on waits for `settle`. */
  hold(): void;
  settle(): void;
  close(): void;
}

export function testMessages(
  people: readonly string[],
  house: TestHouse = testHouse(),
): TestMessages {
  for (const name of people) addPerson(house, name);
  const waiting: (() => void)[] = [];
  let isHeld = false;
  const apply = batcher(house.store.db, house.store);
  const disk: Disk = {
    write: (batch, done) => {
      const run = () => done(written(apply, batch));
      if (isHeld) waiting.push(run);
      else run();
    },
    close: async () => {},
  };
  const defer = (run: () => void) => run();
  const queue = new WriteQueue({ disk, now: house.clock.steady, defer });
  const { db } = house.store;
  return {
    house,
    store: new SqliteMessageStore({ db, queue, domain: "house.example" }),
    hold: () => {
      isHeld = true;
    },
    settle: () => {
      isHeld = false;
      while (waiting.length > 0) for (const run of waiting.splice(0)) run();
    },
    close: () => house.close(),
  };
}

export function addPerson({ store }: Pick<TestHouse, "store">, name: string): void {
  store.db.run("INSERT INTO account VALUES (?, ?, 0, 0)", name, name);
}

function written(apply: ReturnType<typeof batcher>, batch: readonly Change[]): Written {
  try {
    return { ok: true, values: apply(batch) };
  } catch (cause) {
    return { ok: false, cause };
  }
}

/** What a store says, as a value that is there. Throws where it is not, or was refused. */
export function settled<T>(answer: T | Pending<T>): T {
  if (!(answer instanceof Pending)) return answer;
  let found: { readonly value: T } | undefined;
  answer.whenSettled(
    (value) => {
      found = { value };
    },
    (cause) => {
      throw cause;
    },
  );
  if (found === undefined) throw new Error("it is not there yet");
  return found.value;
}
