/**
 * The power fails while people write to each other: at each of many moments every message that was
 * acknowledged by then is in its sender's and its reader's journal, once, in the order in which
 * they were written, and the numbers of both journals have no gaps.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { seeded } from "carillon/testing";
import { demand } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { MessageSenders } from "./message-senders.ts";
import { Program } from "./program.ts";
import { momentsFor, replay, unsynced, type Witness } from "./replay.ts";
import { seedPeople } from "./seed.ts";
import { SyncedFiles } from "./synced-files.ts";
import { type Event, readTrace, STRACE } from "./trace.ts";

const SENDERS = 60;
const READERS = 20;
/** More than they come to. */
const EACH = 200;
const LOAD_MS = 8000;
const ENOUGH = 500;
const CONTROL_CUTS = 50;

export async function cutMessages(folder: string, cuts: number, seed: number): Promise<string> {
  const { events, disk, asked } = await record(folder);
  const random = seeded(seed);
  const answers = events.flatMap((event, i) => (acknowledged(event) ? [i] : []));
  demand(answers.length > ENOUGH, `only ${answers.length} acknowledgements were traced`);
  const moments = momentsFor(cuts, { answers, events }, random);
  const real = new Journals(asked);
  const all = { events, moments, random, disk: disk.copy() };
  replay(folder, { ...all, through: (event) => event }, real);
  demand(real.missing === 0, `${real.missing} acknowledged messages were missing`);
  demand(real.wrong.length === 0, `${real.wrong.length} journals were wrong: ${real.wrong[0]}`);
  const some = moments.filter((_, i) => i % Math.ceil(cuts / CONTROL_CUTS) === 0);
  const control = new Journals(asked);
  const never = { events, moments: some, random: () => 1, disk: disk.copy(), through: unsynced };
  replay(folder, never, control);
  demand(control.missing > 0, "a disk that syncs nothing was not told from one that does");
  return (
    `${cuts} cuts in ${events.length} events with ${answers.length} messages acknowledged: ` +
    `${real.checked} entries looked for, 0 missing, none twice, no gap ` +
    `(${control.missing} missing without syncs)`
  );
}

interface Recording {
  readonly events: readonly Event[];
  readonly disk: SyncedFiles;
  /** Message-IDs by the requests that brought them, `Call-ID CSeq`. */
  readonly asked: ReadonlyMap<string, string>;
}

async function record(folder: string): Promise<Recording> {
  await Program.prepare(folder);
  const people = seedPeople(folder, SENDERS + READERS);
  const letters = people.slice(0, SENDERS).flatMap((from, i) =>
    [0, 7, 13].map((step) => {
      const to = people[SENDERS + ((i + step) % READERS)]?.account ?? "";
      return { from, to, count: EACH };
    }),
  );
  const senders = await MessageSenders.at(letters);
  const base = join(folder, "data", "carillon.sqlite");
  // Held in memory now: the program will change them.
  const disk = SyncedFiles.read([base, `${base}-wal`]);
  const trace = join(folder, "trace");
  const program = Program.start(folder, [...STRACE, "-o", trace, "--"]);
  senders.start();
  await pause(LOAD_MS);
  senders.stop();
  await program.stop();
  demand(senders.refused.length === 0, `refused: ${senders.refused[0]}`);
  return { events: readTrace(trace), disk, asked: senders.asked };
}

/** `Call-ID CSeq` of the message that this acknowledges. */
function acknowledged(event: Event): string | undefined {
  if (event.kind !== "Sent" || !event.octets.startsWith("SIP/2.0 202 ")) return undefined;
  const callId = /\r\nCall-ID: (\S+)/.exec(event.octets)?.[1];
  const cseq = /\r\nCSeq: (\d+) MESSAGE/.exec(event.octets)?.[1];
  return callId === undefined || cseq === undefined ? undefined : `${callId} ${cseq}`;
}

interface Row {
  readonly account: string;
  readonly uri: string;
  readonly seq: number;
  readonly what: string;
}

class Journals implements Witness {
  missing = 0;
  checked = 0;
  readonly wrong: string[] = [];
  readonly #asked: ReadonlyMap<string, string>;
  /** Message-IDs that were acknowledged. */
  readonly #told = new Set<string>();

  constructor(asked: ReadonlyMap<string, string>) {
    this.#asked = asked;
  }

  take(event: Event): void {
    const id = this.#asked.get(acknowledged(event) ?? "");
    if (id !== undefined) this.#told.add(id);
  }

  compare(database: string): void {
    const rows = entriesIn(database);
    const found = new Set<string>();
    for (const [account, own] of Map.groupBy(rows, (row) => row.account)) {
      own.forEach(({ seq }, i) => {
        if (seq !== i + 1) this.wrong.push(`${account} has ${seq} where ${i + 1} has to be`);
      });
      for (const [uri, some] of Map.groupBy(own, (row) => row.uri)) {
        some.forEach(({ what }, i) => {
          const { id } = JSON.parse(what) as { id: string };
          found.add(`${account} ${id}`);
          if (!id.endsWith(`-${i}`)) this.wrong.push(`${account} has ${id} as ${i} with ${uri}`);
        });
      }
    }
    for (const id of this.#told) {
      const [from = "", to = ""] = id.split("-");
      for (const account of [from, to]) {
        this.checked++;
        if (!found.has(`${account} ${id}`)) this.missing++;
      }
    }
  }
}

function entriesIn(path: string): readonly Row[] {
  const db = new DatabaseSync(path);
  try {
    return db
      .prepare(
        `SELECT account, uri, seq, what
           FROM entry
           JOIN journal ON journal.number = entry.journal
           JOIN conversation ON conversation.number = entry.conversation
           JOIN said ON said.number = entry.said
          WHERE kind = 'Message'
          ORDER BY account, seq`,
      )
      .all() as unknown as readonly Row[];
  } finally {
    db.close();
  }
}
