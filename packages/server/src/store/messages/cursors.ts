/**
 * How far plain phones have got, on its way to the disk. What a phone has taken may be written
 * later: after a crash it is sent again with the id that it had. So many advances become one write,
 * and there is one write at a time.
 */
import { Pending } from "carillon/roles";
import type { CursorRow } from "./message-write.ts";

/** Of one write. */
const MOST = 500;

export class Cursors {
  readonly #write: (cursors: readonly CursorRow[]) => Pending<unknown>;
  /** By account and device. */
  readonly #ahead = new Map<string, CursorRow>();
  /** Those that are being forgotten: what the disk still says of them counts no more. */
  readonly #dropped = new Map<string, number>();
  #isWriting = false;

  constructor(write: (cursors: readonly CursorRow[]) => Pending<unknown>) {
    this.#write = write;
  }

  /** Where this one stands if it is ahead of the disk; 0 if it is not. */
  of(account: string, device: string): number {
    return this.#ahead.get(keyOf(account, device))?.[2] ?? 0;
  }

  advance(account: string, device: string, seq: number): void {
    if (seq <= this.of(account, device)) return;
    this.#ahead.set(keyOf(account, device), [account, device, seq]);
    this.#writeSome();
  }

  isDropped(account: string, device: string): boolean {
    return this.#dropped.has(keyOf(account, device));
  }

  /** While this is written. */
  drop(account: string, device: string, written: Pending<unknown>): Pending<void> {
    const [key, answer] = [keyOf(account, device), new Pending<void>()];
    this.#ahead.delete(key);
    this.#dropped.set(key, (this.#dropped.get(key) ?? 0) + 1);
    const settled = () => {
      const left = (this.#dropped.get(key) ?? 1) - 1;
      if (left > 0) this.#dropped.set(key, left);
      else this.#dropped.delete(key);
    };
    written.whenSettled(
      () => {
        settled();
        answer.resolve();
      },
      (cause) => {
        settled();
        answer.reject(cause);
      },
    );
    return answer;
  }

  #writeSome(): void {
    if (this.#isWriting || this.#ahead.size === 0) return;
    this.#isWriting = true;
    const some = [...this.#ahead.values()].slice(0, MOST);
    this.#write(some).whenSettled(
      () => {
        this.#isWriting = false;
        for (const row of some) this.#forget(row);
        this.#writeSome();
      },
      // Tried again with the next one: until then what is known here counts.
      () => {
        this.#isWriting = false;
      },
    );
  }

  /** Unless it has gone on meanwhile. */
  #forget(row: CursorRow): void {
    const key = keyOf(row[0], row[1]);
    if (this.#ahead.get(key) === row) this.#ahead.delete(key);
  }
}

const keyOf = (account: string, device: string): string => `${account} ${device}`;
