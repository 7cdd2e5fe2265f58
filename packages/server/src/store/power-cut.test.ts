/**
 * The power fails at ten thousand moments. The disk here keeps what was synced, and of what was on
 * its way either all or nothing; it also fails with and without having written. After each cut a
 * new server starts from what the disk kept, and the phones go on as if nothing had been.
 */
import { mintToken } from "carillon/auth";
import { createEndpoint } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { domain } from "carillon/roles";
import { seeded, testAccounts, Wire } from "carillon/testing";
import { expect, test } from "vitest";
import type { Change } from "./change.ts";
import type { Disk, Written } from "./disk.ts";
import { type Earlier, reviver, type StoredBinding } from "./earlier-bindings.ts";
import { HouseLocation } from "./house-location.ts";
import { WriteQueue } from "./write-queue.ts";

const CUTS = 10_000;
const EVENTS_BETWEEN = 12;
const PEOPLE = ["ann", "ben", "cem", "dan", "eve", "fay"];
const CONTACTS = ["a", "b", "c"];

type Random = () => number;
const upTo = (random: Random, n: number): number => Math.floor(random() * n);
const oneOf = <T>(random: Random, all: readonly T[]): T => all[upTo(random, all.length)] as T;

/** Keeps only what was synced. */
class SyncedOnly implements Disk {
  readonly #random: Random;
  #tables = new Map<string, readonly StoredBinding[]>();
  #writing: { batch: readonly Change[]; done: (written: Written) => void } | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  write(batch: readonly Change[], done: (written: Written) => void): void {
    if (this.#writing !== undefined) throw new Error("two batches at a time");
    this.#writing = { batch, done };
  }

  /** The batch on its way is synced; or fails, having reached the disk or not. */
  settle(): void {
    const writing = this.#writing;
    if (writing === undefined) return;
    this.#writing = undefined;
    const fails = this.#random() < 0.1;
    if (!fails || this.#random() < 0.5) this.#keep(writing.batch);
    writing.done(fails ? { ok: false, cause: "EIO" } : { ok: true, values: [] });
  }

  /** The power is gone: nobody hears of what was on its way, which is there or is not. */
  cut(): readonly StoredBinding[] {
    if (this.#writing !== undefined && this.#random() < 0.5) this.#keep(this.#writing.batch);
    this.#writing = undefined;
    return [...this.#tables.values()].flat();
  }

  async close(): Promise<void> {}

  #keep(batch: readonly Change[]): void {
    for (const change of batch) {
      if (change.kind !== "Bindings") continue;
      const { account, rows } = change;
      this.#tables.set(
        account,
        rows.map((row) => stored(account, row)),
      );
    }
  }
}

function stored(
  account: string,
  [contact, q, call_id, cseq, expires_at, ...rest]: Extract<
    Change,
    { kind: "Bindings" }
  >["rows"][0],
): StoredBinding {
  const [local_host, local_port, remote_host, remote_port, credential, transport, ...more] = rest;
  const [instance, reg_id, path, epoch] = more;
  const flow = { local_host, local_port, remote_host, remote_port, transport };
  const device = { instance, reg_id, path, epoch };
  return { account, contact, q, call_id, cseq, expires_at, ...flow, credential, ...device };
}

const crypto = nodeCrypto();
const key = new Uint8Array(32).fill(7);
const accounts = {
  ...testAccounts(crypto, "house.example", Object.fromEntries(PEOPLE.map((name) => [name, name]))),
  session: () => true,
};
const FOREVER = 2 ** 47;
const tokens = new Map(
  PEOPLE.map((account) => {
    const claims = { account, session: `of ${account}`, expiresAt: FOREVER };
    return [account, mintToken(crypto, key, claims)];
  }),
);

/** One run of the server, from a start to a cut. */
function start(disk: SyncedOnly, rows: readonly StoredBinding[], at: number) {
  let now = (): number => at;
  const clock = { wall: () => now(), steady: () => now() };
  const deferred: (() => void)[] = [];
  const defer = (run: () => void) => void deferred.push(run);
  const queue = new WriteQueue({ disk, now: clock.steady, defer });
  const location = new HouseLocation({ queue, clock, earlier: earlierOf(rows, reviver(clock)) });
  const house = { domain: "house.example", realm: "house.example", aliases: [], node: "n1" };
  const role = domain({ ...house, accounts, location, crypto, key, tokenKey: key });
  const wire = new Wire(createEndpoint({ role, crypto, key, node: "n1" }), at);
  now = () => wire.now;
  queue.answerIn((run) => void wire.call(run));
  return { wire, location, deferred };
}

/** Two accounts at a time, so that some are asked for before they were loaded. */
function earlierOf(rows: readonly StoredBinding[], revive: ReturnType<typeof reviver>): Earlier {
  const accounts = [...Map.groupBy(rows, ({ account }) => account)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const revived = new Map(accounts.map(([account, some]) => [account, revive(some)]));
  return {
    of: (account) => revived.get(account) ?? [],
    after: (last) => new Map([...revived].filter(([account]) => account > last).slice(0, 2)),
  };
}

interface Asked {
  readonly account: string;
  readonly contact: string;
  readonly removes: boolean;
}

/** What may be true of one account: what was acknowledged, and what may have happened since. */
class Believed {
  acknowledged: ReadonlySet<string> = new Set();
  /** Asked for and not refused, or refused by a disk that may have written it all the same. */
  open: Asked[] = [];

  after({ contact, removes }: Asked): ReadonlySet<string> {
    const next = new Set(this.acknowledged);
    if (removes) next.delete(contact);
    else next.add(contact);
    return next;
  }

  /** Each account has one write on its way at a time, so at most one of these came true. */
  get possible(): readonly string[] {
    return [this.acknowledged, ...this.open.map((asked) => this.after(asked))].map(inWords);
  }
}

const inWords = (contacts: Iterable<string>): string => [...contacts].sort().join(" ");

function requestOf({ account, contact, removes }: Asked, seq: number): string {
  return [
    "REGISTER sip:house.example SIP/2.0",
    `Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK${seq}`,
    "Max-Forwards: 70",
    `From: <sip:${account}@house.example>;tag=r`,
    `To: <sip:${account}@house.example>`,
    `Call-ID: ${account}-${contact}`,
    `CSeq: ${seq} REGISTER`,
    `Contact: <sip:${contact}@192.0.2.9>;expires=${removes ? 0 : 7200}`,
    `Authorization: Bearer ${tokens.get(account)}`,
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");
}

test(`nothing acknowledged is missing and nothing removed comes back after ${CUTS} cuts`, () => {
  const random = seeded(20_261_128);
  const disk = new SyncedOnly(random);
  const believed = new Map(PEOPLE.map((account) => [account, new Believed()]));
  const asked = new Map<number, Asked>();
  const counts = { acknowledged: 0, refused: 0, unanswered: 0, present: 0 };
  let server = start(disk, [], 1_700_000_000_000);
  let seq = 0;
  const hear = (from: number): void => {
    for (const output of server.wire.outputs.slice(from)) {
      if (output.kind !== "Datagram") continue;
      const status = Number(output.octets.slice(8, 11));
      const number = Number(/\r\nCSeq: (\d+)/.exec(output.octets)?.[1]);
      const one = asked.get(number);
      const account = one && believed.get(one.account);
      if (one === undefined || account === undefined) throw new Error(output.octets);
      asked.delete(number);
      if (status === 200) {
        account.acknowledged = account.after(one);
        account.open = [];
        counts.acknowledged++;
      } else {
        expect(status).toBe(500);
        counts.refused++;
      }
    }
  };
  const step = (): void => {
    const from = server.wire.outputs.length;
    const dice = random();
    if (dice < 0.5) {
      const account = oneOf(random, PEOPLE);
      const wanted = { account, contact: oneOf(random, CONTACTS), removes: random() < 0.4 };
      // A phone waits for one answer before it asks again.
      if ([...asked.values()].some((other) => other.account === account)) return;
      asked.set(++seq, wanted);
      believed.get(account)?.open.push(wanted);
      server.wire.datagram(requestOf(wanted, seq));
    } else if (dice < 0.6) {
      server.location.load();
    } else if (dice < 0.75) {
      for (const run of server.deferred.splice(0)) run();
    } else {
      disk.settle();
    }
    hear(from);
  };
  for (let cut = 0; cut < CUTS; cut++) {
    for (let left = 1 + upTo(random, 2 * EVENTS_BETWEEN); left > 0; left--) step();
    counts.unanswered += asked.size;
    asked.clear();
    server = start(disk, disk.cut(), server.wire.now + 100);
    for (const [account, one] of believed) {
      const found = server.location.bindings(account, server.wire.now);
      const contacts = found.map(({ contact }) => contact.slice(4, 5));
      expect(one.possible, `${account} after cut ${cut}`).toContain(inWords(contacts));
      one.acknowledged = new Set(contacts);
      one.open = [];
      counts.present += contacts.length;
    }
  }
  // Enough of everything happened for this to mean something.
  for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(1000);
});
