/**
 * The one SQLite file, and how it is spoken to: prepared statements with bound values only,
 * transactions that take the write lock at once, and a generation that tells caches when they are
 * stale, be it by this process or by another (`carillon user add` beside a running server).
 */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { CannotStart } from "../cannot-start.ts";
import { migrations } from "./migrations.ts";

export type Value = string | number | Uint8Array | null;

/** Long enough for another process to finish its write, short enough for a person to wait. */
const BUSY_MS = 5000;

/**
 * How often the file is asked whether another process wrote. Every SIP request asks the caches
 * several times, and asking costs 4 µs, a fifth of what a whole message may.
 */
const LOOK_EVERY_MS = 250;

/** Opens, or makes, the database in this folder. Throws CannotStart in words. */
export function openDatabase(folder: string, now: () => number): Database {
  const path = join(folder, "carillon.sqlite");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Made by hand: SQLite would make it readable by everyone, and copies its mode to the WAL.
    closeSync(openSync(path, "a", 0o600));
    const sqlite = new DatabaseSync(path, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
    // FULL: in WAL mode, NORMAL does not sync at commit, and what got a 2xx must be on disk.
    sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    // What undoes one part of a batch would be a file otherwise once the batch is large.
    sqlite.exec("PRAGMA temp_store = MEMORY;");
    return new Database(sqlite, now);
  } catch (error) {
    if (error instanceof CannotStart) throw error;
    throw new CannotStart(
      `The data folder ${folder} cannot be used: ${String((error as Error).message)}. ` +
        "Check who owns it, or choose another: --data FOLDER",
    );
  }
}

const OUTER = ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"] as const;
const INNER = ["SAVEPOINT part", "RELEASE part", "ROLLBACK TO part; RELEASE part"] as const;

export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Those that are run for what they change. */
  readonly #writes = new Map<string, StatementSync>();
  readonly #now: () => number;
  #generation = 0;
  #counted = -1;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(sqlite: DatabaseSync, now: () => number) {
    this.#sqlite = sqlite;
    this.#now = now;
    this.#migrate();
  }

  one<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#prepare(sql).all(...values) as unknown as readonly Row[];
  }

  /** One after the other, for whoever may have enough before the end. Not two of one at a time. */
  each<Row>(sql: string, ...values: readonly Value[]): Iterable<Row> {
    return this.#prepare(sql).iterate(...values) as Iterable<unknown> as Iterable<Row>;
  }

  /** Runs a statement that writes; how many rows it changed. */
  run(sql: string, ...values: readonly Value[]): number {
    const { changes } = this.#write(sql).run(...values);
    this.#generation++;
    return Number(changes);
  }

  /**
   * All of it or nothing; on disk when this returns. Takes the write lock before `work` reads.
   * Inside another one it is a part of that, which can fail alone and is on disk with the whole.
   */
  transaction<T>(work: () => T): T {
    const [begin, commit, rollback] = this.#sqlite.isTransaction ? INNER : OUTER;
    this.#sqlite.exec(begin);
    // What it reads is what is there under the lock, not what a cache remembers.
    this.#generation++;
    try {
      const value = work();
      this.#sqlite.exec(commit);
      return value;
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec(rollback);
      throw error;
    } finally {
      this.#generation++;
    }
  }

  /** Whether what is written now counts with something later. */
  get isInTransaction(): boolean {
    return this.#sqlite.isTransaction;
  }

  /**
   * A number that is another one after any write to what is cached: ours at once, that of another
   * thread or process soon, or at once for whoever asks for that.
   */
  generation(look: "Soon" | "Now" = "Soon"): number {
    const now = this.#now();
    if (look === "Now" || now - this.#lookedAt >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      this.#look();
    }
    return this.#generation;
  }

  close(): void {
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #look(): void {
    // Counted by triggers, and not SQLite's data_version: that changes with every binding.
    const row = this.one<{ number: number }>("SELECT number FROM generation");
    if (row === undefined || row.number === this.#counted) return;
    this.#counted = row.number;
    this.#generation++;
  }

  /** FTS5 has rows of its own, whose numbers are too large for a double: `run` would throw. */
  #write(sql: string): StatementSync {
    const known = this.#writes.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sqlite.prepare(sql);
    statement.setReadBigInts(true);
    this.#writes.set(sql, statement);
    return statement;
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #migrate(): void {
    this.transaction(() => {
      const { user_version: taken } = this.#sqlite.prepare("PRAGMA user_version").get() as {
        user_version: number;
      };
      if (taken > migrations.length) {
        throw new CannotStart(
          `The data was written by a newer Carillon (schema ${taken}, this one knows ` +
            `${migrations.length}). Start that version, or choose another folder with --data.`,
        );
      }
      for (const step of migrations.slice(taken)) this.#sqlite.exec(step);
      this.#sqlite.exec(`PRAGMA user_version = ${migrations.length}`);
    });
  }
}
