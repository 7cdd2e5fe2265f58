/** Where users can be reached: the location service. RFC 3261 §10. */
import type { Octets } from "../grammar/octets.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { Answer } from "./answer.ts";
import { GONE } from "./cookie.ts";
import { canBeFound, isBehindNamed } from "./target.ts";
import { pushAddress } from "./wake-address.ts";

/** One contact of one user, for a time. */
export interface Binding {
  /** The Contact's URI as registered. */
  readonly contact: Octets;
  /** 0 to 1000: q as thousandths. */
  readonly q: number;
  /**
   * Call-ID of its REGISTER: with `cseq` it tells late ones from new ones. RFC 3261 §10.3 step 7.
   */
  readonly callId: Octets;
  /** The CSeq number of its REGISTER. */
  readonly cseq: number;
  /** In ms of the endpoint's clock; from then on it is not used. */
  readonly expiresAt: Millis;
  /**
   * The way its REGISTER came, which is the way back. A connection's number means nothing to the
   * next run of the program: a store that outlives one drops such bindings when it starts, or gives
   * them the number GONE where `canBeFound` says so.
   */
  readonly flow: Flow;
  /** What its REGISTER signed in with, a device's or a session's id: revoked with it. */
  readonly credential?: string;
  /** The device: the value of `+sip.instance` without quotes, `<urn:uuid:…>`. RFC 5626 §4.1. */
  readonly instance?: Octets;
  /**
   * Which of the device's flows this is, from 1: one target with those of the same `instance`.
   * Only together with it. RFC 5626 §4.2.1.
   */
  readonly regId?: number;
  /**
   * The proxies that requests to this contact go through, the first hop first: values of Path, each
   * a name-addr as it came. RFC 3327 §5.3.
   */
  readonly path?: readonly Octets[];
  /** Which temporary GRUUs of the device are valid: `gruu-epochs.ts` has it. RFC 5627 §5.1. */
  readonly epoch?: Octets;
}

//= RFC 3261 §10.1
//# The only requirement is that a registrar for some domain MUST be able to read and write data to
//# the location service, and a proxy or a redirect server for that domain MUST be capable of
//# reading that same data.
/** None of these throws: a store that fails says so by rejecting its answer. */
export interface Location {
  /** The bindings of a user that have not expired. */
  bindings(user: string, now: Millis): Answer<readonly Binding[]>;
  /** Puts these in place of all that were. Answered once they will outlive a crash. */
  replace(user: string, bindings: readonly Binding[]): Answer<void>;
  /**
   * A connection is gone, and with it every binding that was reached through it, but those of
   * phones that can be woken: `withoutConnection` says what is left.
   */
  drop(connection: number): void;
  /** True while somebody can be reached without being woken. */
  online(user: string, now: Millis): boolean;
  /** Tells of bindings of phones that are woken, as an earlier run of the program left them. */
  asleep?(hear: (user: string, bindings: readonly Binding[]) => void): void;
}

/**
 * What is left of bindings when this connection is gone: a phone that can be woken has no way for
 * now, and keeps its binding (RFC 8599 §4.1.1), and so does one whose edge can be found by name.
 */
export function withoutConnection(
  bindings: readonly Binding[],
  connection: number,
): readonly Binding[] {
  return bindings.flatMap((one) => {
    if (one.flow.connection !== connection) return [one];
    if (pushAddress(one.contact) === undefined && !isBehindNamed(one)) return [];
    return [{ ...one, flow: { ...one.flow, connection: GONE } }];
  });
}

/** Whether there is a way to this phone as it is, or it may at least be tried. */
export const isAwake = (binding: Binding): boolean =>
  binding.flow.connection !== GONE || canBeFound(binding);

/** Bindings in memory: for a server that keeps nothing, for tests, for small programs. */
export class MemoryLocation implements Location {
  readonly #users = new Map<string, readonly Binding[]>();
  readonly #byConnection = new Map<number, Set<string>>();
  readonly #onChange: ((user: string) => void) | undefined;

  constructor(options: { readonly onChange?: (user: string) => void } = {}) {
    this.#onChange = options.onChange;
  }

  /** At once: those of a user that have not expired. */
  bindings(user: string, now: Millis): readonly Binding[] {
    const all = this.#users.get(user) ?? NONE;
    return all.every(({ expiresAt }) => expiresAt > now)
      ? all
      : all.filter(({ expiresAt }) => expiresAt > now);
  }

  /** At once: these in place of all that were; none takes the user out. */
  replace(user: string, bindings: readonly Binding[]): void {
    if (bindings.length === 0) this.#users.delete(user);
    else this.#users.set(user, bindings);
    for (const { flow } of bindings) {
      if (flow.connection === 0) continue;
      const users = this.#byConnection.get(flow.connection) ?? new Set();
      this.#byConnection.set(flow.connection, users.add(user));
    }
    this.#onChange?.(user);
  }

  /** Takes out what was registered over this connection. */
  drop(connection: number): void {
    const users = this.#byConnection.get(connection) ?? [];
    this.#byConnection.delete(connection);
    for (const user of users) {
      const all = this.#users.get(user) ?? NONE;
      this.replace(user, withoutConnection(all, connection));
    }
  }

  /** Whether the user has a phone that is awake, by a binding that has not expired. */
  online(user: string, now: Millis): boolean {
    return this.bindings(user, now).some(isAwake);
  }

  /** At once: of everybody who has a phone that is woken. */
  asleep(hear: (user: string, bindings: readonly Binding[]) => void): void {
    for (const [user, all] of this.#users) {
      if (all.some(({ contact }) => pushAddress(contact) !== undefined)) hear(user, all);
    }
  }

  /** Forgets what has expired; returns when to come back, in ms of the same clock. */
  expire(now: Millis): Millis {
    let next = NEVER;
    for (const [user, all] of this.#users) {
      const left = this.bindings(user, now);
      if (left.length < all.length) this.replace(user, left);
      for (const { expiresAt } of left) next = Math.min(next, expiresAt);
    }
    // Everybody is looked at: the more there are, the more seldom, so that the share of time stays
    // the same. What has expired is not handed out anyway.
    return Math.max(next, now + this.#users.size / LOOKED_AT_PER_MS);
  }
}

const LOOKED_AT_PER_MS = 100;

const NONE: readonly Binding[] = [];
