/** What is asked of the disk about messages, as plain data: it goes to another thread. */
import type { Posting, Retention } from "carillon/messaging";

export type MessageWrite =
  /** Of `counts`, one for each journal: whether it is somebody else's message, unread at first. */
  | { readonly kind: "Post"; readonly posting: Posting; readonly counts: readonly boolean[] }
  | { readonly kind: "Advance"; readonly cursors: readonly CursorRow[] }
  | { readonly kind: "BeginCursor"; readonly account: string; readonly device: string }
  | { readonly kind: "DropCursor"; readonly account: string; readonly device: string }
  | {
      readonly kind: "SetRetention";
      readonly account: string;
      /** What is left out is as the house has it. */
      readonly retention: RetentionWish;
    }
  | {
      readonly kind: "Expire";
      readonly nowMs: number;
      readonly limit: number;
      readonly place: SweepPlace;
    };

export type RetentionWish = { readonly [Field in keyof Retention]?: number | undefined };

export type CursorRow = readonly [account: string, device: string, seq: number];

/** How far a sweep has come: through these journals, and through what was said up to there. */
export interface SweepPlace {
  readonly journal: number;
  readonly said: number;
}

export interface Swept {
  /** Entries that went. */
  readonly gone: number;
  /** Where to go on; from the beginning again after the end. */
  readonly next: SweepPlace;
  readonly isAtEnd: boolean;
}
