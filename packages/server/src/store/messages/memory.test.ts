import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { settled, type TestMessages, testMessages } from "./test-store.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const MESSAGES = 10_000;
const OCTETS = 1000;
const BATCH = 500;
/** What reading and writing keep ready, whatever there is to read. */
const ENOUGH = 3_000_000;

let on: TestMessages;

beforeEach(() => {
  on = testMessages(["anna", "bob"]);
});

afterEach(() => on.close());

/** Octets of heap, once all that nobody holds is gone. */
function held(): number {
  for (let i = 0; i < 4; i++) collect();
  return process.memoryUsage().heapUsed;
}

function write(from: number, count: number): void {
  on.hold();
  const answers = Array.from({ length: count }, (_, i) => {
    const id = `${from + i}`;
    const text = { contentType: "text/plain", body: `word${id} ${"x".repeat(OCTETS)}` };
    return on.store.post({
      ...{ key: { from: "sip:anna@house.example", id: `m ${id}` }, at: from + i },
      what: { kind: "Message", id, from: "sip:anna@house.example", ...text },
      journals: [
        { account: "anna", conversation: "sip:bob@house.example" },
        { account: "bob", conversation: "sip:anna@house.example" },
      ],
    });
  });
  on.settle();
  for (const answer of answers) settled(answer);
}

/** What somebody does who looks through all of it. */
function read(): number {
  let count = 0;
  for (let after = 0; ; ) {
    const page = on.store.page("bob", { kind: "After", after, limit: 200 });
    count += page.entries.length;
    after = page.entries.at(-1)?.seq ?? after;
    if (page.isWhole) return count;
  }
}

test("what is kept is on the disk and not in memory, however much is written and read", () => {
  write(0, BATCH);
  read();
  const before = held();
  for (let from = BATCH; from < MESSAGES; from += BATCH) write(from, BATCH);
  expect(read()).toBe(MESSAGES);
  const query = { kind: "Before", before: MESSAGES + 1, limit: 1, find: "word7" } as const;
  expect(on.store.page("bob", query).entries).toMatchObject([{ seq: 8000 }]);
  expect(held() - before).toBeLessThan(ENOUGH);
}, 60_000);
