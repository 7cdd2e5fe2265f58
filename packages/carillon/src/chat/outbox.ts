/**
 * What waits to be sent: kept in a store, in order for each address, and sent again with the same
 * Message-ID until the server has it or refuses it for good.
 */
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { NEVER } from "../transaction/timers.ts";
import type { Agent } from "../ua/agent.ts";
import { type BackOff, backOffMs } from "../usage/back-off.ts";
import type { ConversationStore } from "./conversation-store.ts";
import { isSaid, type Letter } from "./letter.ts";
import { storedLetter } from "./stored-letter.ts";

/** What came of one try. `Again`: later it may go better, in so many seconds if that was said. */
export type Outcome =
  | { readonly kind: "Accepted" }
  | { readonly kind: "Refused"; readonly why: string }
  | { readonly kind: "Again"; readonly afterSeconds: number | undefined; readonly why: string };

export interface OutboxUser {
  /** Sends it: `done` is called once, in a later turn. */
  send(letter: Letter, done: (outcome: Outcome) => void): void;
  accepted(letter: Letter): void;
  refused(letter: Letter, why: string): void;
  /** Whether to give it up, after so many tries that had no answer. */
  isHopeless(letter: Letter, tries: number): boolean;
}

/** From one second to half a minute. */
const BACK_OFF: BackOff = { baseMs: 1000, maxMs: 30_000 };
/** Requests without an answer at a time. */
const MAX_OPEN = 8;
/** Letters that wait: of what only devices tell, the oldest are given up beyond that. */
export const MAX_LETTERS = 5000;
/** Characters of why one was refused. */
const MAX_REASON = 500;
const PREFIX = "letter ";

/** Letters to one address: one of them is on its way at a time. RFC 3428 §8. */
interface Lane {
  readonly letters: Letter[];
  readonly timer: Timer;
  /** The one that is on its way. */
  open: Letter | undefined;
  /** Until its timer comes. */
  isWaiting: boolean;
  /** Tries of the first one that had no answer. */
  failures: number;
}

export class Outbox {
  readonly #agent: Agent;
  readonly #store: ConversationStore;
  readonly #user: OutboxUser;
  readonly #lanes = new Map<string, Lane>();
  #count = 0;
  #openCount = 0;
  #nth = 0;
  /** Nothing leaves before it is known what the server is like. */
  #isOpen = false;

  constructor(agent: Agent, store: ConversationStore, user: OutboxUser) {
    this.#agent = agent;
    this.#store = store;
    this.#user = user;
    for (const letter of lettersIn(store)) {
      this.#nth = Math.max(this.#nth, letter.nth);
      this.#put(letter);
    }
  }

  /** All that wait, in order. */
  get letters(): readonly Letter[] {
    return [...this.#lanes.values()]
      .flatMap(({ letters }) => letters)
      .sort((a, b) => a.nth - b.nth);
  }

  get isFull(): boolean {
    return this.#count >= MAX_LETTERS;
  }

  /** Takes one in; its place is behind all others. */
  add(given: Omit<Letter, "nth">): void {
    const letter = { ...given, nth: ++this.#nth };
    this.#save(letter);
    this.#put(letter);
    this.#go();
  }

  /** Tries one that was refused once more, behind all others. */
  again(id: string): void {
    const old = this.letters.find((one) => one.id === id);
    if (old?.failed === undefined) return;
    this.#drop(old);
    const { failed, ...letter } = old;
    this.add(letter);
  }

  /** Throws one away that is not on its way. True: it was there. */
  remove(id: string): boolean {
    const letter = this.letters.find((one) => one.id === id);
    if (!letter || this.#lanes.get(letter.to)?.open === letter) return false;
    this.#drop(letter);
    return true;
  }

  /** Begins, or goes on at once: the server can be reached. */
  open(): void {
    this.#isOpen = true;
    for (const lane of this.#lanes.values()) {
      lane.failures = 0;
      this.#cancel(lane);
    }
    this.#go();
  }

  /** Nothing leaves from now on; what is under way, is. */
  close(): void {
    this.#isOpen = false;
    for (const lane of this.#lanes.values()) this.#cancel(lane);
  }

  #cancel(lane: Lane): void {
    lane.isWaiting = false;
    this.#agent.endpoint.schedule(lane.timer, NEVER);
  }

  // ---- lanes -----------------------------------------------------------------------------------

  #put(letter: Letter): void {
    this.#count++;
    const known = this.#lanes.get(letter.to);
    if (known) return void known.letters.push(letter);
    const due = (): void => {
      lane.isWaiting = false;
      this.#go();
    };
    const lane: Lane = {
      ...{ letters: [letter], timer: newTimer({ due }) },
      ...{ open: undefined, isWaiting: false, failures: 0 },
    };
    this.#lanes.set(letter.to, lane);
  }

  #go(): void {
    for (const lane of this.#lanes.values()) {
      if (!this.#isOpen || this.#openCount >= MAX_OPEN) return;
      const isBusy = lane.open !== undefined || lane.isWaiting;
      const next = isBusy ? undefined : nextOf(lane.letters);
      if (next) this.#send(lane, next);
    }
  }

  #send(lane: Lane, letter: Letter): void {
    lane.open = letter;
    this.#openCount++;
    this.#user.send(letter, (outcome) => {
      lane.open = undefined;
      this.#openCount--;
      this.#answered(lane, letter, outcome);
      this.#go();
    });
  }

  #answered(lane: Lane, letter: Letter, outcome: Outcome): void {
    if (outcome.kind === "Again") {
      lane.failures++;
      if (!this.#user.isHopeless(letter, lane.failures)) return this.#wait(lane, outcome);
    }
    lane.failures = 0;
    this.#drop(letter);
    if (outcome.kind === "Accepted") return this.#user.accepted(letter);
    if (letter.what.kind === "Message") {
      const failed = { ...letter, failed: outcome.why.slice(0, MAX_REASON) };
      this.#save(failed);
      this.#put(failed);
    }
    this.#user.refused(letter, outcome.why);
  }

  #wait(lane: Lane, { afterSeconds }: Extract<Outcome, { readonly kind: "Again" }>): void {
    const { endpoint } = this.#agent;
    const usual = backOffMs(BACK_OFF, lane.failures - 1, endpoint.ids.fraction());
    const wait = Math.max(usual, Math.min(afterSeconds ?? 0, 3600) * 1000);
    if (!this.#isOpen) return;
    lane.isWaiting = true;
    endpoint.schedule(lane.timer, endpoint.now + wait);
  }

  #drop(letter: Letter): void {
    const lane = this.#lanes.get(letter.to);
    const at = lane?.letters.findIndex(({ id }) => id === letter.id) ?? -1;
    if (!lane || at < 0) return;
    lane.letters.splice(at, 1);
    this.#count--;
    this.#store.remove(PREFIX + letter.id);
    if (lane.letters.length > 0 || lane.open) return;
    this.#cancel(lane);
    this.#lanes.delete(letter.to);
  }

  #save(letter: Letter): void {
    try {
      this.#store.set(PREFIX + letter.id, JSON.stringify(letter));
    } catch {
      // No room: it is sent all the same, and lost only if the program ends before.
    }
  }
}

/** What was said goes first, in order; what was refused waits for somebody. */
function nextOf(letters: readonly Letter[]): Letter | undefined {
  const ready = letters.filter(({ failed }) => failed === undefined);
  return ready.find(isSaid) ?? ready[0];
}

/** Those of the last time, in order. What cannot be read is thrown away. */
function lettersIn(store: ConversationStore): readonly Letter[] {
  const all: Letter[] = [];
  for (const name of store.names()) {
    if (!name.startsWith(PREFIX)) continue;
    const letter = storedLetter(store.read(name) ?? "");
    if (letter) all.push(letter);
    else store.remove(name);
  }
  return all.sort((a, b) => a.nth - b.nth);
}
