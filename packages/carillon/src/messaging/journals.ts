/** Writes into journals, and tells whoever waits for what is in them. */
import { withAnswer } from "../roles/answer.ts";
import type { MessageStore, Posted, Posting } from "./message-store.ts";

/** Hears that an entry of this number has been added to an account's journal. */
export type Added = (account: string, seq: number) => void;

export class Journals {
  readonly store: MessageStore;
  readonly #wall: () => number;
  readonly #listeners: Added[] = [];

  constructor(store: MessageStore, wall: () => number) {
    this.store = store;
    this.#wall = wall;
  }

  /** In ms since 1970. */
  get now(): number {
    return Math.round(this.#wall());
  }

  onAdded(listener: Added): void {
    this.#listeners.push(listener);
  }

  /** `done` hears of it before anybody else does: a sender has the answer first. */
  post(
    posting: Omit<Posting, "at">,
    done: (posted: Posted) => void,
    failed: (cause: unknown) => void,
  ): void {
    const posted = this.store.post({ ...posting, at: this.now });
    withAnswer(
      posted,
      (outcome) => {
        done(outcome);
        if (outcome.kind === "New") this.#tell(posting, outcome.seqs);
      },
      failed,
    );
  }

  #tell({ journals }: Pick<Posting, "journals">, seqs: readonly number[]): void {
    const first = new Map<string, number>();
    for (const [nth, { account }] of journals.entries()) {
      const seq = seqs[nth];
      if (seq !== undefined && !first.has(account)) first.set(account, seq);
    }
    for (const [account, seq] of first) this.added(account, seq);
  }

  /** The first of the entries that were added at once. */
  added(account: string, seq: number): void {
    for (const listener of this.#listeners) listener(account, seq);
  }
}
