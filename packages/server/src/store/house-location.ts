/**
 * Where people can be reached, so that nothing acknowledged is lost.
 *
 * Look-ups are answered from memory, at once. A change is answered when it is on the disk, and
 * only then does memory follow: nobody is called at a binding whose REGISTER may still fail, and
 * a device that signs off is called until its 200 leaves. What an account changes is written in
 * the order in which it was asked for.
 *
 * Written is what outlives the process: bindings over UDP, those over TCP whose phone can be
 * connected to, and those of phones that are woken by a push. Any other one ends with its
 * connection, and so with the process.
 */
import {
  type Answer,
  type Binding,
  canBeFound,
  isAwake,
  type Location,
  Pending,
  pushAddress,
  StoreBusy,
  withoutConnection,
} from "carillon/roles";
import type { Clock } from "../clock.ts";
import { BindingImage } from "./binding-image.ts";
import type { BindingRow } from "./change.ts";
import type { Earlier } from "./earlier-bindings.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface LocationParts {
  readonly queue: WriteQueue;
  readonly clock: Clock;
  /** What an earlier run left. */
  readonly earlier?: Earlier;
  /** Somebody came online or left, perhaps. */
  readonly onChange?: (account: string) => void;
  /** Hears once of each account that has bindings of an earlier run. */
  readonly onEarlier?: ((account: string, bindings: readonly Binding[]) => void) | undefined;
}

/** What is on its way to the disk. */
interface InFlight {
  readonly bindings: readonly Binding[];
}

/**
 * Credentials that were revoked, and connections that closed, while something that names them may
 * be on its way: for seconds at most.
 */
const MAX_REMEMBERED = 10_000;
const MAX_BEFORE_TIDYING = 1000;
const EXPIRY_ROUND_MS = 10_000;

export class HouseLocation implements Location {
  readonly #parts: LocationParts;
  readonly #image = new BindingImage();
  readonly #inFlight = new Map<string, InFlight[]>();
  /** Connections that closed while anything was on its way. */
  readonly #closed = new Set<number>();
  readonly #revoked = new Set<string>();
  /** Accounts of which the disk may hold something else, since a write of theirs failed. */
  readonly #unsure = new Set<string>();

  /** While not all of what an earlier run left is in memory: the rest, and whom we have met. */
  #earlier: Earlier | undefined;
  readonly #met = new Set<string>();
  #loadedTo = "";
  #asleep: ((account: string, bindings: readonly Binding[]) => void) | undefined;

  constructor(parts: LocationParts) {
    this.#parts = parts;
    this.#earlier = parts.earlier;
  }

  bindings(account: string, now: number): readonly Binding[] {
    if (this.#earlier !== undefined) this.#meet(account, this.#earlier);
    return this.#image.bindings(account, now);
  }

  /** Takes some more of what an earlier run left into memory; false when that was all. */
  load(): boolean {
    const some = this.#earlier?.after(this.#loadedTo);
    for (const [account, bindings] of some ?? []) {
      this.#loadedTo = account;
      this.#asleep?.(account, bindings);
      this.#parts.onEarlier?.(account, bindings);
      if (!this.#met.has(account)) this.#image.put(account, bindings);
    }
    if (some !== undefined && some.size > 0) return true;
    this.#earlier = undefined;
    this.#met.clear();
    return false;
  }

  online(account: string, now: number): boolean {
    return this.bindings(account, now).some(isAwake);
  }

  replace(account: string, bindings: readonly Binding[]): Answer<void> {
    if (bindings.some(({ credential = "" }) => this.#revoked.has(credential))) {
      return rejected(new Error("the device was revoked meanwhile"));
    }
    const before = this.bindings(account, Number.NEGATIVE_INFINITY);
    // A phone may be removing, as far as we know once more, what a failed write left on the disk.
    const isUnsure = this.#inFlight.has(account) || this.#unsure.has(account);
    if (isUnsure || !isSameOnDisk(before, bindings)) {
      return this.#write(account, bindings);
    }
    this.#put(account, bindings);
    return undefined;
  }

  drop(connection: number): void {
    if (connection === 0) return;
    if (this.#inFlight.size > 0) remember(this.#closed, connection);
    for (const account of this.#image.drop(connection)) {
      const all = this.#image.bindings(account, Number.NEGATIVE_INFINITY);
      const left = withoutConnection(all, connection);
      this.#put(account, left);
      if (!this.#inFlight.has(account) && !isSameOnDisk(all, left)) this.#tidy(account, left);
    }
  }

  /**
   * Ends what this device or session registered: at once for callers; answered when it is on the
   * disk, from where no start would bring it back. What is on its way is cleaned as it lands.
   */
  revoke(account: string, credential: string): Answer<void> {
    remember(this.#revoked, credential);
    const before = this.bindings(account, Number.NEGATIVE_INFINITY);
    const left = before.filter((one) => one.credential !== credential);
    this.#put(account, left);
    if (this.#inFlight.has(account) || left.length === before.length) return undefined;
    return this.#write(account, left);
  }

  /** Forgets what has expired, here and on the disk; returns when to come back. */
  expire(now: number): number {
    for (const account of this.#image.due(now)) {
      const left = this.#image.bindings(account, now);
      const all = this.#image.bindings(account, Number.NEGATIVE_INFINITY);
      this.#image.put(account, left);
      if (left.length === all.length) continue;
      this.#parts.onChange?.(account);
      // What is on its way already was made of what had not expired then.
      if (!this.#inFlight.has(account) && !isSameOnDisk(all, left)) this.#tidy(account, left);
    }
    return now + EXPIRY_ROUND_MS;
  }

  asleep(hear: (account: string, bindings: readonly Binding[]) => void): void {
    this.#asleep = hear;
  }

  /** Accounts kept in memory. */
  get size(): number {
    return this.#image.size;
  }

  #meet(account: string, earlier: Earlier): void {
    if (account <= this.#loadedTo || this.#met.has(account)) return;
    this.#met.add(account);
    this.#image.put(account, earlier.of(account));
  }

  #write(account: string, bindings: readonly Binding[]): Pending<void> {
    const change: InFlight = { bindings };
    const all = this.#inFlight.get(account);
    if (all === undefined) this.#inFlight.set(account, [change]);
    else all.push(change);
    const answer = new Pending<void>();
    this.#parts.queue.write(this.#changeOf(account, bindings)).whenSettled(
      () => {
        const left = this.#leftOf(bindings);
        this.#unsure.delete(account);
        this.#put(account, left);
        this.#landed(account, change);
        // A connection closed while it was on its way.
        if (!this.#inFlight.has(account) && !isSameOnDisk(bindings, left)) {
          this.#tidy(account, left);
        }
        answer.resolve();
      },
      (cause) => {
        this.#landed(account, change);
        // A batch that failed may be on the disk all the same: what is true is written over it.
        if (!(cause instanceof StoreBusy)) {
          this.#unsure.add(account);
          // Or what comes next is, which says all there is to say.
          if (!this.#inFlight.has(account)) {
            this.#tidy(account, this.#image.bindings(account, Number.NEGATIVE_INFINITY));
          }
        }
        answer.reject(cause);
      },
    );
    return answer;
  }

  /**
   * Brings the disk to what is true here. Nobody waits for it, so it keeps nobody waiting: when
   * there is much to do, the next change of this account or the next start sees to it.
   */
  #tidy(account: string, bindings: readonly Binding[]): void {
    if (this.#parts.queue.length > MAX_BEFORE_TIDYING) return;
    const change = this.#changeOf(account, bindings);
    this.#parts.queue.write(change).whenSettled(
      () => this.#unsure.delete(account),
      () => this.#unsure.add(account),
    );
  }

  #landed(account: string, change: InFlight): void {
    const left = this.#inFlight.get(account)?.filter((one) => one !== change) ?? [];
    if (left.length > 0) this.#inFlight.set(account, left);
    else this.#inFlight.delete(account);
    if (this.#inFlight.size === 0) this.#closed.clear();
  }

  #leftOf(bindings: readonly Binding[]): readonly Binding[] {
    const own = bindings.filter(({ credential = "" }) => !this.#revoked.has(credential));
    return own.flatMap((one) => {
      const { connection } = one.flow;
      return this.#closed.has(connection) ? withoutConnection([one], connection) : [one];
    });
  }

  #put(account: string, bindings: readonly Binding[]): void {
    this.#image.put(account, bindings);
    this.#parts.onChange?.(account);
  }

  #changeOf(account: string, bindings: readonly Binding[]) {
    const { clock } = this.#parts;
    const ahead = clock.wall() - clock.steady();
    const rows = bindings.filter(isDurable).map((one) => rowOf(one, ahead));
    return { kind: "Bindings", account, rows } as const;
  }
}

function remember<T>(some: Set<T>, one: T): void {
  some.add(one);
  if (some.size <= MAX_REMEMBERED) return;
  const [oldest] = some;
  if (oldest !== undefined) some.delete(oldest);
}

const isDurable = (binding: Binding): boolean =>
  binding.flow.connection === 0 ||
  canBeFound(binding) ||
  pushAddress(binding.contact) !== undefined;

const rowOf = (binding: Binding, wallAheadMs: number): BindingRow => {
  const { contact, q, callId, cseq, expiresAt, flow, credential = "" } = binding;
  const { local, remote } = flow;
  const at = Math.round(expiresAt + wallAheadMs);
  const transport = flow.connection === 0 ? "UDP" : "TCP";
  return [
    contact,
    q,
    callId,
    cseq,
    at,
    local.host,
    local.port,
    remote.host,
    remote.port,
    credential,
    transport,
    binding.instance ?? "",
    binding.regId ?? 0,
    binding.path?.join("\n") ?? "",
    binding.epoch ?? "",
  ];
};

/** Whether the disk would hold the same for both. */
function isSameOnDisk(some: readonly Binding[], others: readonly Binding[]): boolean {
  const [one, other] = [some.filter(isDurable), others.filter(isDurable)];
  if (one.length !== other.length) return false;
  return one.every((binding, i) => {
    const twin = other[i];
    return twin !== undefined && String(rowOf(binding, 0)) === String(rowOf(twin, 0));
  });
}

function rejected(cause: unknown): Pending<void> {
  const answer = new Pending<void>();
  answer.reject(cause);
  return answer;
}
