/**
 * The allocations of a TURN server from the request to the end, and the sockets that they have.
 * RFC 8656 §6, §7.2.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import { fromBytes, type Octets } from "../grammar/octets.ts";
import { sourceOf } from "../transport/source.ts";
import { lifetimeOf, readAllocate, type Wanted } from "./allocate-request.ts";
import { Allocation, type Client, type Relay } from "./allocation.ts";
import { type Answers, mappedAddress, NOTHING, type Outputs } from "./answers.ts";
import type { Authenticated } from "./authentication.ts";
import { RelayTable } from "./relay-table.ts";
import { xorAddress } from "./stun-address.ts";
import {
  addressErrorAttribute,
  attributeTypes,
  type Family,
  numberAttribute,
  type StunError,
  stunErrors,
} from "./stun-attributes.ts";
import { attribute, type StunMessage } from "./stun-message.ts";
import type { TurnEvent, TurnOutput } from "./turn-io.ts";
import type { TurnLimits, TurnServerOptions } from "./turn-options.ts";

/** How long a socket may take to open. */
const OPENING_MS = 10_000;
/** Ports that are tried for one relay. */
const TRIES = 8;
//= RFC 8656 §7.2
//# The server MUST hold this reservation for at least 30 seconds and MAY choose to hold longer
//# (e.g., until the allocation with port N expires).
const RESERVATION_MS = 30_000;
/** An Allocate whose sockets are being opened. */
interface Opening {
  readonly client: Client;
  readonly user: Authenticated;
  readonly request: StunMessage;
  readonly wanted: Wanted;
  readonly expiresAt: Millis;
  /** Those that are there, and those that are awaited. */
  readonly open: Relay[];
  readonly awaited: Set<number>;
  triesLeft: number;
}

interface Reservation {
  readonly relay: Relay;
  readonly expiresAt: Millis;
}

type Owner = Opening | Allocation | "Reserved";

/** Makes allocations, finds them and ends them. */
export class Allocations {
  readonly #options: TurnServerOptions;
  readonly #limits: TurnLimits;
  readonly #answers: Answers;
  readonly relays: RelayTable<Owner>;
  readonly #allocations = new Map<string, Allocation>();
  readonly #openings = new Map<string, Opening>();
  readonly #reservations = new Map<Octets, Reservation>();
  readonly #perAccount = new Map<string, number>();
  readonly #perSource = new Map<string, number>();
  #due: Millis = NEVER;

  constructor(options: TurnServerOptions, limits: TurnLimits, answers: Answers) {
    this.#options = options;
    this.#limits = limits;
    this.#answers = answers;
    this.relays = new RelayTable(options);
  }

  get size(): number {
    return this.#allocations.size;
  }

  get due(): Millis {
    return this.#due;
  }

  allocate(
    client: Client,
    message: StunMessage,
    user: Authenticated,
    allocation: Allocation | undefined,
    now: Millis,
  ): Outputs {
    const refuse = (error: StunError) => this.#answers.refuse(client, message, user, error);
    const id = fromBytes(message.transactionId);
    if (allocation) {
      // The same request again: its answer was lost.
      if (allocation.transactionId !== id || allocation.username !== user.username) {
        return refuse(stunErrors.AllocationMismatch);
      }
      return this.#allocated(allocation, message, user, now);
    }
    const opening = this.#openings.get(keyOf(client));
    if (opening) {
      const isSame = fromBytes(opening.request.transactionId) === id;
      return isSame ? NOTHING : refuse(stunErrors.AllocationMismatch);
    }
    // For an allocation that there is, an expired name does: a call may be longer than a password.
    if (user.expiresSeconds * 1000 <= now) return refuse(stunErrors.Unauthenticated);
    const wanted = readAllocate(message, (family) => this.relays.supports(client, family));
    if ("code" in wanted) return refuse(wanted);
    const full = this.#fullFor(client, user);
    if (full) {
      const { account } = user;
      const told: TurnEvent = { kind: "Full", account, client: client.remote, of: full };
      const error =
        full === "server" ? stunErrors.InsufficientCapacity : stunErrors.AllocationQuotaReached;
      return [{ kind: "Told", what: told }, ...refuse(error)];
    }
    if (wanted.token) return this.#fromReservation(client, message, user, wanted, now);
    return this.#open(client, message, user, wanted, now);
  }

  /** Which limit is reached. Those that are being opened count. */
  #fullFor(
    { remote }: Client,
    { account }: Authenticated,
  ): "account" | "source" | "server" | undefined {
    const { allocations, perAccount, perSource } = this.#limits;
    if (this.#allocations.size + this.#openings.size >= allocations) return "server";
    if ((this.#perAccount.get(account) ?? 0) >= perAccount) return "account";
    if ((this.#perSource.get(sourceOf(remote.host)) ?? 0) >= perSource) return "source";
    return undefined;
  }

  #open(
    client: Client,
    request: StunMessage,
    user: Authenticated,
    wanted: Wanted,
    now: Millis,
  ): Outputs {
    const opening: Opening = {
      ...{ client, user, request, wanted, expiresAt: now + OPENING_MS, triesLeft: TRIES },
      ...{ open: [], awaited: new Set<number>() },
    };
    const outputs = wanted.families.flatMap((family) => this.#openOne(opening, family));
    if (outputs.length === 0) {
      return this.#answers.refuse(client, request, user, stunErrors.InsufficientCapacity);
    }
    this.#openings.set(keyOf(client), opening);
    this.#count(client, user.account, 1);
    this.dueBy(opening.expiresAt);
    return outputs;
  }

  /** The sockets of one family: one, or two where the second is kept for later. */
  #openOne(opening: Opening, family: Family): readonly TurnOutput[] {
    const { client, wanted } = opening;
    const even = wanted.even === "Reserve" ? "Pair" : wanted.even;
    return this.relays.take(client, family, opening, even).map(({ id, bound: address }) => {
      opening.awaited.add(id);
      return { kind: "OpenRelay", relay: id, address };
    });
  }

  relayOpened(id: number, now: Millis): Outputs {
    const held = this.relays.get(id);
    const opening = held?.owner;
    if (!held || !isOpening(opening) || !opening.awaited.delete(id)) return NOTHING;
    opening.open.push(held.relay);
    return this.#openedSoFar(opening, now);
  }

  /** Another port is tried, a few times. */
  relayFailed(id: number, now: Millis): Outputs {
    const held = this.relays.get(id);
    const opening = held?.owner;
    if (!held || !isOpening(opening) || !opening.awaited.delete(id)) return NOTHING;
    const { family } = held.relay;
    this.relays.free(id);
    // Of a pair the other one is of no use without it.
    const closed = opening.wanted.even === "Reserve" ? this.#closeAll(opening) : NOTHING;
    const again = opening.triesLeft-- > 0 ? this.#openOne(opening, family) : NOTHING;
    if (again.length > 0) return [...closed, ...again];
    return [...closed, ...this.#openedSoFar(opening, now)];
  }

  /** Once nothing is awaited any more, the answer goes out. */
  #openedSoFar(opening: Opening, now: Millis): Outputs {
    if (opening.awaited.size > 0) return NOTHING;
    const { client, user, request, wanted, open } = opening;
    this.#openings.delete(keyOf(client));
    if (open.length === 0) {
      this.#count(client, user.account, -1);
      return this.#answers.refuse(client, request, user, stunErrors.InsufficientCapacity);
    }
    const allocation = this.#keep(client, user, request, wanted, now);
    const [first, second] = open.sort((a, b) => a.family - b.family || a.bound.port - b.bound.port);
    this.#give(allocation, first!);
    if (second && wanted.even === "Reserve") this.#reserve(allocation, second, now);
    else if (second) this.#give(allocation, second);
    return [allocatedEvent(allocation), ...this.#allocated(allocation, request, user, now)];
  }

  #keep(
    client: Client,
    user: Authenticated,
    request: StunMessage,
    { lifetimeSeconds }: Wanted,
    now: Millis,
  ): Allocation {
    const expiresAt = now + lifetimeOf(lifetimeSeconds) * 1000;
    const { bandwidth } = this.#limits;
    const id = fromBytes(request.transactionId);
    const allocation = new Allocation(client, user, id, { now, expiresAt, bandwidth });
    this.#allocations.set(keyOf(client), allocation);
    this.dueBy(expiresAt);
    return allocation;
  }

  #give(allocation: Allocation, relay: Relay): void {
    allocation.relays.set(relay.family, relay);
    this.relays.give(relay.id, allocation);
  }

  #reserve(allocation: Allocation, relay: Relay, now: Millis): void {
    const token = this.#options.crypto.randomBytes(8);
    allocation.reservation = token;
    this.#reservations.set(fromBytes(token), { relay, expiresAt: now + RESERVATION_MS });
    this.relays.give(relay.id, "Reserved");
    this.dueBy(now + RESERVATION_MS);
  }

  #fromReservation(
    client: Client,
    message: StunMessage,
    user: Authenticated,
    wanted: Wanted,
    now: Millis,
  ): Outputs {
    const token = fromBytes(wanted.token!);
    const reservation = this.#reservations.get(token);
    if (!reservation || reservation.expiresAt <= now) {
      return this.#answers.refuse(client, message, user, stunErrors.InsufficientCapacity);
    }
    this.#reservations.delete(token);
    this.#count(client, user.account, 1);
    const allocation = this.#keep(client, user, message, wanted, now);
    this.#give(allocation, reservation.relay);
    return [allocatedEvent(allocation), ...this.#allocated(allocation, message, user, now)];
  }

  /** The answer to the request that made it, or to that request again. */
  #allocated(
    allocation: Allocation,
    request: StunMessage,
    user: Authenticated,
    now: Millis,
  ): Outputs {
    const { XOR_RELAYED_ADDRESS, LIFETIME, RESERVATION_TOKEN } = attributeTypes;
    const { client, relays, reservation, expiresAt } = allocation;
    const id = request.transactionId;
    const told = [...relays.values()].map((relay) =>
      xorAddress(XOR_RELAYED_ADDRESS, relay.told, id),
    );
    const asked = attribute(request, attributeTypes.ADDITIONAL_ADDRESS_FAMILY)
      ? ([4, 6] as const)
      : [];
    const missing = asked.filter((family) => !relays.has(family));
    return this.#answers.answer(
      client,
      request,
      "Success",
      [
        ...told,
        numberAttribute(LIFETIME, secondsLeft(expiresAt, now)),
        ...(reservation ? [{ type: RESERVATION_TOKEN, value: reservation }] : []),
        ...missing.map((family) => addressErrorAttribute(family, this.#whyNot(client, family))),
        mappedAddress(client, request),
        ...this.#answers.software,
      ],
      user,
    );
  }

  #whyNot(client: Client, family: Family): StunError {
    const { AddressFamilyNotSupported, InsufficientCapacity } = stunErrors;
    return this.relays.supports(client, family) ? InsufficientCapacity : AddressFamilyNotSupported;
  }

  /** The allocation of a client, unless it has expired. */
  of(client: Client, now: Millis): Allocation | undefined {
    const allocation = this.#allocations.get(keyOf(client));
    return allocation !== undefined && allocation.expiresAt > now ? allocation : undefined;
  }

  release(allocation: Allocation): Outputs {
    const { client, account, relays, packets, bytes } = allocation;
    this.#allocations.delete(keyOf(client));
    this.#count(client, account, -1);
    const what: TurnEvent = { kind: "Released", account, client: client.remote, packets, bytes };
    return [...[...relays.values()].flatMap((relay) => this.close(relay)), { kind: "Told", what }];
  }

  close({ id }: Relay): Outputs {
    this.relays.free(id);
    return [{ kind: "CloseRelay", relay: id }];
  }

  /** What an Allocate that comes to nothing has had opened. */
  #closeAll(opening: Opening): Outputs {
    const ids = [...opening.awaited, ...opening.open.map(({ id }) => id)];
    opening.awaited.clear();
    opening.open.length = 0;
    for (const id of ids) this.relays.free(id);
    return ids.map((relay) => ({ kind: "CloseRelay", relay }));
  }

  #count({ remote }: Client, account: string, by: 1 | -1): void {
    add(this.#perAccount, account, by);
    add(this.#perSource, sourceOf(remote.host), by);
  }

  dueBy(at: Millis): void {
    this.#due = Math.min(this.#due, at);
  }

  tick(now: Millis): Outputs {
    const outputs: TurnOutput[] = [];
    this.#due = NEVER;
    for (const allocation of this.#allocations.values()) {
      const next = allocation.expire(now);
      if (next === NEVER) outputs.push(...this.release(allocation));
      else this.dueBy(next);
    }
    for (const [key, opening] of this.#openings) {
      if (opening.expiresAt > now) this.dueBy(opening.expiresAt);
      else {
        this.#openings.delete(key);
        this.#count(opening.client, opening.user.account, -1);
        outputs.push(...this.#closeAll(opening));
      }
    }
    for (const [token, { expiresAt, relay }] of this.#reservations) {
      if (expiresAt > now) this.dueBy(expiresAt);
      else {
        this.#reservations.delete(token);
        outputs.push(...this.close(relay));
      }
    }
    return outputs;
  }
}

const keyOf = ({ local, remote }: Client): string =>
  `${remote.host} ${remote.port} ${local.host} ${local.port}`;

const isOpening = (owner: Owner | undefined): owner is Opening =>
  owner !== undefined && owner !== "Reserved" && !(owner instanceof Allocation);

/** Whole seconds, as LIFETIME has them. */
export const secondsLeft = (expiresAt: Millis, now: Millis): number =>
  Math.max(0, Math.ceil((expiresAt - now) / 1000));

function allocatedEvent({ account, client, relays }: Allocation): TurnOutput {
  const relayed = [...relays.values()].map(({ told }) => told);
  return { kind: "Told", what: { kind: "Allocated", account, client: client.remote, relayed } };
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
