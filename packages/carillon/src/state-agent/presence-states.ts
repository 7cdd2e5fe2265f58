/** The presence of those who are watched, composed once for all who watch. */
import { formatPidf, PIDF_TYPE, type Presence, parsePidf } from "../documents/pidf.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { NEVER } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import type { ServiceHost } from "../roles/services.ts";
import { isSamePeer } from "../transport/flow.ts";
import { composePresence, nobodyThere } from "./compose-presence.ts";
import type { Devices } from "./devices.ts";
import type { KnownCalls } from "./known-calls.ts";
import { Listeners } from "./listeners.ts";
import type { Statuses } from "./own-status.ts";
import type { Published, PublishedPackage } from "./publications.ts";

export interface PresenceParts {
  readonly host: ServiceHost;
  readonly devices: Devices;
  readonly calls: KnownCalls;
  readonly statuses: Statuses;
}

interface PublishedPresence {
  readonly of: Published;
  readonly presence: Presence;
}

export class PresenceStates {
  readonly #parts: PresenceParts;
  readonly #listeners = new Listeners();
  readonly #published = new Map<string, readonly PublishedPresence[]>();
  /** As it was told last. */
  readonly #bodies = new Map<string, Octets>();
  /** Those whose connection was lost just now. */
  readonly #lost = new Map<string, Timer>();

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** Hears when it is another; until `unwatch` with the same listener. */
  watch(account: string, listener: () => void): void {
    if (!this.#listeners.has(account)) {
      this.#listeners.add(account, listener);
      this.#parts.devices.watch(account);
    } else {
      this.#listeners.add(account, listener);
    }
  }

  unwatch(account: string, listener: () => void): void {
    if (!this.#listeners.remove(account, listener)) return;
    this.#parts.devices.unwatch(account);
    this.#bodies.delete(account);
    this.#forgetLost(account);
  }

  /** As PIDF; of an account that is watched. */
  body(account: string): Octets {
    const known = this.#bodies.get(account);
    if (known !== undefined) return known;
    const body = this.#written(account);
    this.#bodies.set(account, body);
    return body;
  }

  /** As it looks where nobody is there: what is told of those who are not to be seen. */
  blank(account: string): Octets {
    return formatPidf(nobodyThere(this.#aorOf(account)), PERSON);
  }

  /** Who may know it may be others. */
  tell(account: string): void {
    this.#listeners.tell(account);
  }

  /** They have lost a connection: unless it is back by then, that is told in a moment. */
  lookLater(account: string): void {
    if (!this.#listeners.has(account) || this.#lost.has(account)) return;
    const timer = newTimer({ due: () => this.look(account) });
    this.#lost.set(account, timer);
    const { endpoint } = this.#parts.host;
    endpoint.schedule(timer, endpoint.now + LOST_MS);
  }

  #forgetLost(account: string): void {
    const timer = this.#lost.get(account);
    if (timer) this.#parts.host.endpoint.schedule(timer, NEVER);
    this.#lost.delete(account);
  }

  /** Something that it is made of may have changed. */
  look(account: string): void {
    this.#forgetLost(account);
    const before = this.#bodies.get(account);
    if (before === undefined && !this.#listeners.has(account)) return;
    this.#bodies.delete(account);
    if (this.body(account) !== before) this.#listeners.tell(account);
  }

  /** What devices publish of it. RFC 3903, RFC 3856. */
  get package(): PublishedPackage {
    return {
      ...{ event: "presence", accept: [PIDF_TYPE], expiresSeconds: 3600 },
      check: parsePidf,
      changed: (account, all) => {
        const read = all.flatMap((of): readonly PublishedPresence[] => {
          const presence = parsePidf(of.body);
          return presence.ok ? [{ of, presence: bounded(presence.value) }] : [];
        });
        if (read.length === 0) this.#published.delete(account);
        else this.#published.set(account, read);
        this.look(account);
      },
    };
  }

  /** As much of it as fits into a NOTIFY: of many publications the last ones are left out. */
  #written(account: string): Octets {
    const published = this.#published.get(account) ?? [];
    for (let count = published.length; ; count--) {
      const body = formatPidf(this.#compose(account, published.slice(0, count)), PERSON);
      if (body.length <= MAX_PRESENCE || count === 0) return body;
    }
  }

  #compose(account: string, all: readonly PublishedPresence[]): Presence {
    const { host, devices, calls, statuses } = this.#parts;
    const bindings = devices.of(account);
    const nameOf = (contact: string) => host.endpoint.ids.macOf(["tuple", account, contact]);
    return composePresence({
      aor: this.#aorOf(account),
      devices: bindings.map(({ contact, q }) => ({ id: nameOf(contact), q })),
      published: all.map(({ of, presence }) => {
        const device = bindings.find(({ flow }) => isSamePeer(flow, of.flow));
        const isLost = of.flow.connection !== 0 && !host.endpoint.connection(of.flow.connection);
        return {
          ...{ id: of.id, presence, device: device && nameOf(device.contact) },
          isGone: isLost && bindings.length === 0,
        };
      }),
      calls: calls.of(account),
      status: statuses.of(account),
    });
  }

  #aorOf(account: string): string {
    return addressOf(this.#parts.host, account);
  }
}

/** `sip:bob@example.com`, escaped where the name needs it. */
export const addressOf = ({ domain }: Pick<ServiceHost, "domain">, account: string): string =>
  `sip:${encodeURIComponent(account).replaceAll("'", "%27")}@${domain}`;

/** The same person in all of their documents. */
const PERSON = "person";

/** What one device may say: all of them have to fit into one NOTIFY. */
function bounded(presence: Presence): Presence {
  const cut = (all: readonly string[], most: number) =>
    all.slice(0, most).map((one) => one.slice(0, MAX_WORDS));
  return {
    ...presence,
    notes: cut(presence.notes, 3),
    activities: cut(presence.activities, 10),
    tuples: presence.tuples.slice(0, 5).map((tuple) => ({
      ...tuple,
      contact: tuple.contact?.slice(0, MAX_WORDS),
      notes: cut(tuple.notes, 3),
    })),
  };
}

const MAX_WORDS = 200;
/** Octets of one person's document. */
const MAX_PRESENCE = 16_000;
/** How long a page takes to be there again. */
const LOST_MS = 4000;
