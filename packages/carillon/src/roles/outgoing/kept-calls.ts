/**
 * What of calls to elsewhere has to outlive the program: how much each person has spent today, and
 * the legs that go on while there is nobody here to count them.
 */
import type { Dialog } from "../../dialog/dialog.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Millis } from "../../transaction/timers.ts";
import type { Flow } from "../../transport/flow.ts";
import type { Kept } from "./leg.ts";

/** One person's book, as it was when this was saved. Times are in ms of the endpoint's clock. */
export interface SavedBook {
  /** Whose it is. */
  readonly account: string;
  /** When their day began, which has 24 hours. */
  readonly since: Millis;
  /** Calls to elsewhere since then. */
  readonly calls: number;
  /** What was talked on those, in ms, until `countedAt`. */
  readonly talkMs: Millis;
  /** From then on what is talked has to be added. */
  readonly countedAt: Millis;
}

/**
 * A leg that leads out of the house. Times are in ms of the endpoint's clock; octets are characters
 * up to U+00FF, so that all of it can be written as JSON.
 */
export interface SavedLeg extends Kept {
  /** Names it for good. */
  readonly id: string;
  /** Who calls. */
  readonly account: string;
  /** The Call-ID of its INVITE. */
  readonly callId: Octets;
  /** The From tag of its INVITE. */
  readonly callerTag: Octets;
  /** The tag of the answer that made it; undefined before. */
  readonly calleeTag?: Octets | undefined;
  /** The highest CSeq number of the caller. */
  readonly seq: number;
  /** Where its other side answered from. */
  readonly farHost?: string | undefined;
  /** The way to the caller, where that outlives the program: over UDP. */
  readonly callerFlow?: Flow | undefined;
  /** The dialog as the caller sees it, and as the other side does; undefined before the answer. */
  readonly dialogs?: SavedDialogs | undefined;
}

/** Both ends' view of one dialog, as far as it lies beyond this server. */
export interface SavedDialogs {
  /** As the caller sees it. */
  readonly far: Dialog;
  /** As the other side sees it. */
  readonly near: Dialog;
}

/**
 * Books and legs on a disk. None of it throws. Nobody waits for what is written: whoever keeps it
 * tries until it is there, and has the last of each `account` and `id`.
 */
export interface OutgoingStore {
  /** All books whose day is not over; asked for once, at the start. */
  books(): readonly SavedBook[];
  /** All legs that have been saved and not removed; asked for once, at the start. */
  legs(): readonly SavedLeg[];
  /** In the place of what the account had. */
  saveBook(book: SavedBook): void;
  /** In the place of what was saved under its id. */
  saveLeg(leg: SavedLeg): void;
  /** It counts no more. */
  removeLeg(id: string): void;
}

/** In memory: for tests, and programs that keep nothing. */
export class MemoryOutgoing implements OutgoingStore {
  readonly #books = new Map<string, SavedBook>();
  readonly #legs = new Map<string, SavedLeg>();

  /** At once. */
  books(): readonly SavedBook[] {
    return [...this.#books.values()];
  }

  /** At once. */
  legs(): readonly SavedLeg[] {
    return [...this.#legs.values()];
  }

  /** At once. */
  saveBook(book: SavedBook): void {
    this.#books.set(book.account, book);
  }

  /** At once. */
  saveLeg(leg: SavedLeg): void {
    this.#legs.set(leg.id, leg);
  }

  /** At once. */
  removeLeg(id: string): void {
    this.#legs.delete(id);
  }
}
