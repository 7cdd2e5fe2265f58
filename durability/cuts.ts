/**
 * The power fails: the real program's writes, syncs and answers are recorded, and at each of many
 * moments the disk is put together as it would be had only what was synced survived, or by chance
 * more than that. SQLite opens it, and it has to hold what the phones had been told by then.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { seeded } from "carillon/testing";
import { demand } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { Phones } from "./phones.ts";
import { Program } from "./program.ts";
import { momentsFor, replay, unsynced, type Witness } from "./replay.ts";
import { seedPeople } from "./seed.ts";
import { SyncedFiles } from "./synced-files.ts";
import { type Event, readTrace, STRACE } from "./trace.ts";

const PEOPLE = 100;
const PER_SECOND = 250;
const LOAD_MS = 8000;
/** Cuts of the disk that syncs nothing, to see that a loss would be seen. */
const CONTROL_CUTS = 100;

/** Whether each request was to register, by `Call-ID CSeq`. */
type Asked = ReadonlyMap<string, boolean>;

export interface Recording {
  readonly events: readonly Event[];
  readonly asked: Asked;
  /** The files as they were before. */
  files(): SyncedFiles;
}

export async function record(folder: string, seed: number): Promise<Recording> {
  await Program.prepare(folder);
  const phones = await Phones.at(seedPeople(folder, PEOPLE));
  const base = join(folder, "data", "carillon.sqlite");
  // Held in memory now: the program will change them.
  const before = SyncedFiles.read([base, `${base}-wal`]);
  const trace = join(folder, "trace");
  const program = Program.start(folder, [...STRACE, "-o", trace, "--"]);
  await phones.compare();
  let isOver = false;
  const load = phones.load(PER_SECOND, () => isOver, seeded(seed));
  await pause(LOAD_MS);
  isOver = true;
  await load;
  await program.stop();
  phones.close();
  demand(phones.refused === 0, `${phones.refused} were refused while it was traced`);
  const asked = new Map<string, boolean>();
  for (const phone of phones.all) {
    for (const [cseq, registers] of phone.asked) {
      if (registers !== undefined) asked.set(`${phone.callId} ${cseq}`, registers);
    }
  }
  return { events: readTrace(trace), asked, files: () => before.copy() };
}

/** Cuts at so many moments, among them the one right before each 200 leaves. */
export function cutPower(folder: string, recording: Recording, cuts: number, seed: number): string {
  const { events } = recording;
  const random = seeded(seed);
  const answers = events.flatMap((event, i) => (isAnswer(event) ? [i] : []));
  demand(answers.length > 500, `only ${answers.length} answers were traced`);
  const moments = momentsFor(cuts, { answers, events }, random);
  const real = new Told(recording.asked);
  const all = { events, moments, random, disk: recording.files() };
  replay(folder, { ...all, through: (event) => event }, real);
  demand(real.missing === 0, `${real.missing} acknowledged bindings were missing`);
  demand(real.back === 0, `${real.back} removed bindings were back`);
  const some = moments.filter((_, i) => i % Math.ceil(cuts / CONTROL_CUTS) === 0);
  const control = new Told(recording.asked);
  const never = { events, moments: some, random: () => 1, disk: recording.files() };
  replay(folder, { ...never, through: unsynced }, control);
  demand(control.missing > 0, "a disk that syncs nothing was not told from one that does");
  return (
    `${cuts} cuts in ${events.length} events with ${answers.length} answers: ${real.checked} ` +
    `bindings looked for, 0 missing, 0 back again (${control.missing} missing without syncs)`
  );
}

/** What each phone has been told by now. */
class Told implements Witness {
  missing = 0;
  back = 0;
  checked = 0;
  readonly #asked: Asked;
  readonly #last = new Map<string, number>();
  readonly #all: ReadonlyMap<string, readonly number[]>;

  constructor(asked: Asked) {
    this.#asked = asked;
    const pairs = [...asked.keys()].map((key) => key.split(" "));
    const grouped = Map.groupBy(pairs, ([callId]) => callId ?? "");
    this.#all = new Map(
      [...grouped].map(([callId, all]) => [callId, all.map(([, cseq]) => Number(cseq))]),
    );
  }

  take(event: Event): void {
    const answer = isAnswer(event);
    if (answer && this.#asked.has(`${answer.callId} ${answer.cseq}`)) {
      this.#last.set(answer.callId, Math.max(this.#last.get(answer.callId) ?? 0, answer.cseq));
    }
  }

  compare(database: string): void {
    const found = contactsIn(database);
    for (const [callId, all] of this.#all) {
      const last = this.#last.get(callId) ?? 0;
      const next = all.find((cseq) => cseq > last);
      const isHere = this.#asked.get(`${callId} ${last}`) ?? false;
      const isThere = found.has(callId);
      this.checked++;
      // Its next request may have been carried out, though nobody has told it.
      if (isThere === isHere || isThere === this.#asked.get(`${callId} ${next}`)) continue;
      if (isHere) this.missing++;
      else this.back++;
    }
  }
}

function isAnswer(event: Event): { callId: string; cseq: number } | undefined {
  if (event.kind !== "Sent" || !event.octets.startsWith("SIP/2.0 200 ")) return undefined;
  const callId = /\r\nCall-ID: (\S+)/.exec(event.octets)?.[1];
  const cseq = /\r\nCSeq: (\d+) REGISTER/.exec(event.octets)?.[1];
  return callId === undefined || cseq === undefined ? undefined : { callId, cseq: Number(cseq) };
}

/** The Call-IDs of the bindings in this database, which is recovered as after a crash. */
function contactsIn(path: string): ReadonlySet<string> {
  const db = new DatabaseSync(path);
  try {
    const rows = db.prepare("SELECT call_id FROM binding").all() as { call_id: string }[];
    return new Set(rows.map(({ call_id }) => call_id));
  } finally {
    db.close();
  }
}
