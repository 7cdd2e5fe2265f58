/** One type of push service, as a driver asks it. */
import type { PushAddress, WakeAsked } from "carillon/roles";

/** What is to be told to one phone. */
export interface Push {
  readonly asked: WakeAsked;
  /** Words and names for whoever shows it: plain data, which a service worker reads. */
  readonly note: Note;
}

/** What a phone is told. It is a JSON object in the push's payload. */
export interface Note {
  readonly kind: "call" | "missed" | "over" | "refresh" | "message";
  /** Of the call: the tag of its notification, and what declines it. */
  readonly id?: string;
  /** Who calls or writes: a name for people. */
  readonly name?: string;
  /** Their address. */
  readonly from?: string;
  readonly video?: boolean;
  /** What was written, where the phone's owner wants it shown. */
  readonly text?: string;
}

/** What a push service said. */
export type Sent =
  | { readonly kind: "Sent" }
  /** It knows this phone no more. */
  | { readonly kind: "Gone"; readonly why: string }
  /** It would not now; after this time it may. */
  | { readonly kind: "Later"; readonly why: string; readonly afterMs: number }
  /** It never will: this push is of no use. */
  | { readonly kind: "Refused"; readonly why: string };

export interface PushDriver {
  /** As `pn-provider` has it. */
  readonly provider: string;
  /** Our public key, where the service knows us by one. */
  readonly vapid?: string;
  /** Whether such a phone can be woken by it. */
  accepts(push: PushAddress): boolean;
  /** Asks the service, once. Never rejects. */
  send(push: Push): Promise<Sent>;
  close(): void;
}

/** How a push is to be treated on its way. */
export interface Way {
  /** How long it is worth anything, in seconds; 0: now or never. */
  readonly ttlSeconds: number;
  readonly isUrgent: boolean;
  /** A later one with the same topic takes its place: up to 32 of base64url. RFC 8030 §5.4. */
  readonly topic: string | undefined;
}

export function wayOf({ note, asked: { why } }: Push): Way {
  const topic = note.id?.replace(/[^A-Za-z0-9_-]/g, "").slice(0, 32);
  switch (note.kind) {
    case "call": {
      const heldMs = why.kind === "Request" ? why.heldMs : 30_000;
      return { ttlSeconds: Math.ceil(heldMs / 1000), isUrgent: true, topic };
    }
    case "over":
    case "missed":
      return { ttlSeconds: 24 * 3600, isUrgent: note.kind === "over", topic };
    case "message":
      return { ttlSeconds: 7 * 24 * 3600, isUrgent: true, topic };
    case "refresh":
      return { ttlSeconds: 120, isUrgent: false, topic: "refresh" };
  }
}
