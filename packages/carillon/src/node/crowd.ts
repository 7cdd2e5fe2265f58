/**
 * Who is connected to a listener, and who has to go when there are too many: of those that nobody
 * vouched for, the one that has been there longest. Whoever holds connections open to keep others
 * out holds them open for others.
 */
import { type StreamLimits, sourceOf } from "./stream-limits.ts";

export type CrowdLimits = Pick<StreamLimits, "connections" | "connectionsPerSource">;

interface Source {
  readonly name: string;
  count: number;
}

export class Crowd<Member> {
  readonly #limits: CrowdLimits;
  readonly #drop: (member: Member) => void;
  readonly #members = new Map<Member, Source>();
  /** Nobody vouched for these; the one that came first is first. */
  readonly #strangers = new Set<Member>();
  readonly #sources = new Map<string, Source>();

  /** `drop` ends the connection of a member that has to make room. */
  constructor(limits: CrowdLimits, drop: (member: Member) => void) {
    this.#limits = limits;
    this.#drop = drop;
  }

  get size(): number {
    return this.#members.size;
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.keys();
  }

  /** False if there is no room, because all that are there belong here. */
  enter(member: Member, host: string): boolean {
    const name = sourceOf(host);
    const source = this.#sources.get(name) ?? { name, count: 0 };
    if (source.count >= this.#limits.connectionsPerSource) {
      if (!this.#makeRoom(source)) return false;
    } else if (this.size >= this.#limits.connections && !this.#makeRoom()) return false;
    source.count++;
    this.#sources.set(name, source);
    this.#members.set(member, source);
    this.#strangers.add(member);
    return true;
  }

  /** Somebody vouched for it: it need not make room for others any more. */
  keep(member: Member): void {
    this.#strangers.delete(member);
  }

  leave(member: Member): void {
    const source = this.#members.get(member);
    if (!source) return;
    this.#members.delete(member);
    this.#strangers.delete(member);
    if (--source.count === 0) this.#sources.delete(source.name);
  }

  /** Ends the connection of the stranger who came first; of those of one source, if given. */
  #makeRoom(source?: Source): boolean {
    for (const member of this.#strangers) {
      if (source && this.#members.get(member) !== source) continue;
      this.leave(member);
      this.#drop(member);
      return true;
    }
    return false;
  }
}
