/** Where subscriptions and publications are kept, so that what got a 2xx outlives the program. */
import type { Dialog } from "../dialog/dialog.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Answer } from "../roles/answer.ts";
import type { Flow } from "../transport/flow.ts";

/**
 * A subscription over UDP: those over a connection end with it. All of it can be written as JSON;
 * octets are characters up to U+00FF.
 */
export interface SavedSubscription {
  /** Names it for good. */
  readonly id: string;
  /** The value of its Event header. */
  readonly event: Octets;
  /** Whom it is about. */
  readonly resource: string;
  /** The watcher's account; undefined for others. */
  readonly account: string | undefined;
  /** The watcher's address. */
  readonly watcher: Octets;
  /** The watcher's name, for people. */
  readonly displayName: string;
  /** The type of its bodies. */
  readonly contentType: string;
  /** Option tags that the watcher knows. */
  readonly supported: readonly string[];
  /** Its dialog, as it was when this was saved. */
  readonly dialog: Dialog;
  /** The way to the watcher. */
  readonly flow: Flow;
  /** In ms of the endpoint's clock. */
  readonly expiresAt: Millis;
  /** How many bodies it had when this was saved. */
  readonly version: number;
}

/** Subscriptions on a disk. None of it throws: what fails rejects its answer. */
export interface SubscriptionStore {
  /** All that have been saved and not removed, asked for once, at the start. */
  all(): Answer<readonly SavedSubscription[]>;
  /** In the place of what was saved under its id. Answered once it will outlive a crash. */
  save(subscription: SavedSubscription): Answer<void>;
  /** It is over. Nobody waits for it. */
  remove(id: string): void;
}

/** A publication as it is kept. All of it can be written as JSON. */
export interface SavedPublication {
  /** Names it for good, whatever entity-tag it has. */
  readonly id: string;
  /** Its entity-tag now, which the next PUBLISH has to name. */
  readonly etag: string;
  /** Its package: `presence`. */
  readonly event: string;
  /** For whom it is published. */
  readonly resource: string;
  /** The Content-Type of its body. */
  readonly contentType: Octets;
  /** Its body, as it came. */
  readonly body: Octets;
  /** In ms of the endpoint's clock. */
  readonly expiresAt: Millis;
  /** The way it came. */
  readonly flow: Flow;
}

/** Publications on a disk. None of it throws: what fails rejects its answer. */
export interface PublicationStore {
  /** All that have been saved and not removed, asked for once, at the start. */
  all(): Answer<readonly SavedPublication[]>;
  /** In the place of what was saved under its id. Answered once it will outlive a crash. */
  save(publication: SavedPublication): Answer<void>;
  /** It was taken back. Answered once that will outlive a crash. */
  remove(id: string): Answer<void>;
}

/** Subscriptions in memory: for tests, and programs that keep nothing. */
export class MemorySubscriptions implements SubscriptionStore {
  readonly #all = new Map<string, SavedSubscription>();

  /** At once. */
  all(): readonly SavedSubscription[] {
    return [...this.#all.values()];
  }

  /** At once. */
  save(subscription: SavedSubscription): void {
    this.#all.set(subscription.id, subscription);
  }

  /** At once. */
  remove(id: string): void {
    this.#all.delete(id);
  }
}

/** Publications in memory: for tests, and programs that keep nothing. */
export class MemoryPublications implements PublicationStore {
  readonly #all = new Map<string, SavedPublication>();

  /** At once. */
  all(): readonly SavedPublication[] {
    return [...this.#all.values()];
  }

  /** At once. */
  save(publication: SavedPublication): void {
    this.#all.set(publication.id, publication);
  }

  /** At once. */
  remove(id: string): void {
    this.#all.delete(id);
  }
}
