/** The presence of those who are watched, composed once for all who watch. */
import { formatPidf, PIDF_TYPE, type Presence, parsePidf } from "../documents/pidf.ts";
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
  }

  /** As PIDF; of an account that is watched. */
  body(account: string): Octets {
    const known = this.#bodies.get(account);
    if (known !== undefined) return known;
    const body = formatPidf(this.#compose(account), PERSON);
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

  /** Something that it is made of may have changed. */
  look(account: string): void {
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

  #compose(account: string): Presence {
    const { host, devices, calls, statuses } = this.#parts;
    const bindings = devices.of(account);
    const nameOf = (contact: string) => host.endpoint.ids.macOf(["tuple", account, contact]);
    return composePresence({
      aor: this.#aorOf(account),
      devices: bindings.map(({ contact, q }) => ({ id: nameOf(contact), q })),
      published: (this.#published.get(account) ?? []).map(({ of, presence }) => {
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
