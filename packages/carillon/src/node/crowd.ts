/**
 * Who is connected to a listener, and who has to go when there are too many: of those from whom no
 * message has come yet, the one that has been there longest; else of those that nobody vouched for.
 * Whoever holds connections open to keep others out holds them open for others.
 */
import type { Standing } from "../endpoint/input-output.ts";
import { sourceOf } from "../transport/source.ts";
import type { StreamLimits } from "./stream-limits.ts";

/** How many connections there may be, in all and from one source. */
export type CrowdLimits = Pick<StreamLimits, "connections" | "connectionsPerSource">;

interface Source {
  readonly name: string;
  count: number;
}

/**
 * Who is connected to a listener, and who has to go when there are too many: of those from whom no
 * message has come yet, the one that has been there longest; else of those that nobody vouched for.
 * A member is whatever stands for a connection.
 */
export class Crowd<Member> {
  readonly #limits: CrowdLimits;
  readonly #drop: (member: Member) => void;
  readonly #members = new Map<Member, Source>();
  /** No message has come from these; the one that came first is first. */
  readonly #silent = new Set<Member>();
  /** Nobody vouched for these. */
  readonly #strangers = new Set<Member>();
  readonly #sources = new Map<string, Source>();

  /** `drop` ends the connection of a member that has to make room. */
  constructor(limits: CrowdLimits, drop: (member: Member) => void) {
    this.#limits = limits;
    this.#drop = drop;
  }

  /** How many there are. */
  get size(): number {
    return this.#members.size;
  }

  /** All of them, the one that came first first. */
  [Symbol.iterator](): Iterator<Member> {
    return this.#members.keys();
  }

  /**
   * Takes in a connection from `host`, an IP address; who has to make room for it is dropped. False
   * if there is no room, because all that are there belong here.
   */
  enter(member: Member, host: string): boolean {
    const name = sourceOf(host);
    const source = this.#sources.get(name) ?? { name, count: 0 };
    if (source.count >= this.#limits.connectionsPerSource) {
      if (!this.#makeRoom(source)) return false;
    } else if (this.size >= this.#limits.connections && !this.#makeRoom()) return false;
    source.count++;
    this.#sources.set(name, source);
    this.#members.set(member, source);
    this.#silent.add(member);
    return true;
  }

  /** Whoever is heard makes room after those who are not, and whoever is known for nobody. */
  regard(member: Member, standing: Standing): void {
    if (standing === "Known") this.#strangers.delete(member);
    else if (this.#silent.has(member)) this.#strangers.add(member);
    this.#silent.delete(member);
  }

  /** A connection is over; nothing for one that is not there. */
  leave(member: Member): void {
    const source = this.#members.get(member);
    if (!source) return;
    this.#members.delete(member);
    this.#silent.delete(member);
    this.#strangers.delete(member);
    if (--source.count === 0) this.#sources.delete(source.name);
  }

  /** Ends one connection; one of this source, if given. */
  #makeRoom(source?: Source): boolean {
    for (const members of [this.#silent, this.#strangers]) {
      for (const member of members) {
        if (source && this.#members.get(member) !== source) continue;
        this.leave(member);
        this.#drop(member);
        return true;
      }
    }
    return false;
  }
}
