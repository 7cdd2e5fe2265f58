/**
 * What others are told of the owner of this phone. The server keeps it (RFC 3903) and tells whom
 * they allow; whoever a server of another kind sends on to this phone is told by itself.
 */
import type { Presence } from "carillon/documents";
import {
  notify,
  type OwnPresence,
  ownPresence,
  type Publication,
  presence,
  publish,
} from "carillon/events";
import { parseSipUri } from "carillon/uri";
import type { Status } from "./orders.ts";

export interface OwnStateOptions {
  readonly phone: object;
  readonly aor: string;
  /** Who is at this domain may know. */
  readonly domain: string;
  /** Told from the person's other phones by this. */
  readonly id: string;
}

export class OwnState {
  readonly #options: OwnStateOptions;
  readonly #own: OwnPresence;
  #publication: Publication<Presence> | undefined;

  constructor(options: OwnStateOptions) {
    const { phone, domain } = options;
    this.#options = options;
    this.#own = ownPresence(phone);
    // The server has vouched for who asks: it lets nobody in under another name.
    notify(phone, presence, this.#own, { allow: ({ uri }) => isAt(uri, domain) });
  }

  say(status: Status, note: string): void {
    const activities = status === "busy" || status === "away" ? [status] : [];
    this.#own.set({ note, activities, isClosed: status === "offline" });
    this.#publish(this.#presence(status, note, activities));
  }

  /** One that was refused is tried anew: the server may be another one by now. */
  #publish(value: Presence): void {
    const known = this.#publication;
    if (known && known.state.name !== "Removed") known.update(value);
    else this.#publication = publish(this.#options.phone, presence, value);
  }

  #presence(status: Status, note: string, activities: readonly string[]): Presence {
    const notes = note === "" ? [] : [note];
    const basic = status === "offline" ? "closed" : "open";
    return { ...oneDevice(this.#options, basic), notes, activities };
  }
}

/** Has the server tell others that this phone is not there. */
export function hide(options: Pick<OwnStateOptions, "phone" | "aor" | "id">): void {
  publish(options.phone, presence, oneDevice(options, "closed"));
}

function oneDevice(
  { aor, id }: Pick<OwnStateOptions, "aor" | "id">,
  basic: "open" | "closed",
): Presence {
  const nothing = { contact: undefined, priority: undefined, timestamp: undefined };
  return {
    ...{ entity: aor, notes: [], activities: [] },
    tuples: [{ id, basic, notes: [], ...nothing }],
  };
}

function isAt(uri: string, domain: string): boolean {
  const read = parseSipUri(uri);
  return read.ok && read.value.host.toLowerCase() === domain.toLowerCase();
}
