/**
 * Who is here, told to every open page as it changes.
 *
 * A phone that registers again sets off nothing: what is sent is compared with what was sent
 * before. Changes within 200 ms go out as one, or a server restart would tell each of two hundred
 * pages about each of two hundred arrivals.
 */
import type { Person } from "../store/accounts.ts";
import { actionFor, type PresenceRules } from "../store/presence-settings.ts";

export interface PersonHere extends Pick<Person, "name" | "displayName"> {
  readonly aor: string;
  readonly online: boolean;
  /** Who may know that; everybody, if left out. */
  readonly rules?: PresenceRules;
  /** They want to look as if nobody were there, whoever looks. */
  readonly isHidden?: boolean;
}

/** A person as another one, by their address, is told of them. */
export function personFor(viewer: string, person: PersonHere) {
  const { rules, isHidden, online, ...who } = person;
  const you = who.aor === viewer;
  const mayKnow = !isHidden && (!rules || actionFor(rules, viewer, true) === "allow");
  return { ...who, online: online && (you || mayKnow), you };
}

/** One open page. */
export interface Listener {
  readonly name: string;
  /** The session it is signed in with; it goes when that ends. */
  readonly session: string;
  send(people: readonly PersonHere[]): void;
  end(): void;
}

const COALESCE_MS = 200;
/** Looks this often for what nobody reports: a person added at the command line, a lapsed phone. */
const LOOK_MS = 1000;
/** Tabs of one person that are told; browsers allow six such connections to a host anyway. */
const MAX_PER_PERSON = 12;

export class PeopleFeed {
  readonly #read: () => readonly PersonHere[];
  readonly #isSession: (id: string) => boolean;
  readonly #listeners = new Set<Listener>();
  #sent = "";
  #soon: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(read: () => readonly PersonHere[], isSession: (id: string) => boolean) {
    this.#read = read;
    this.#isSession = isSession;
  }

  people(): readonly PersonHere[] {
    return this.#read();
  }

  /** Something may have changed: somebody came online, left or joined. */
  changed(): void {
    if (this.#listeners.size === 0) return;
    this.#soon ??= setTimeout(() => this.#tell(), COALESCE_MS).unref();
  }

  /** Tells this page at once and from then on; returns how to stop. */
  listen(listener: Listener): () => void {
    const theirs = [...this.#listeners].filter((other) => other.name === listener.name);
    if (theirs.length >= MAX_PER_PERSON) theirs[0]?.end();
    this.#listeners.add(listener);
    this.#look ??= setInterval(() => this.#tell(), LOOK_MS).unref();
    const people = this.#read();
    if (this.#listeners.size === 1) this.#sent = JSON.stringify(people);
    listener.send(people);
    return () => this.#forget(listener);
  }

  close(): void {
    for (const listener of [...this.#listeners]) listener.end();
    this.#listeners.clear();
    this.#rest();
  }

  #tell(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    for (const listener of [...this.#listeners]) {
      if (!this.#isSession(listener.session)) listener.end();
    }
    const people = this.#read();
    const text = JSON.stringify(people);
    if (text === this.#sent) return;
    this.#sent = text;
    for (const listener of [...this.#listeners]) listener.send(people);
  }

  #forget(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#soon);
    clearInterval(this.#look);
    this.#soon = undefined;
    this.#look = undefined;
  }
}
