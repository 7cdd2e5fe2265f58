/** The dialogs that the answers to one INVITE make, early ones among them. RFC 3261 §13.2.2.4. */
import { uacDialog } from "../dialog/dialog.ts";
import { isUsable } from "../dialog/usable-dialog.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import type { TimerAsked } from "../usage/session-interval.ts";
import type { Agent } from "./agent.ts";
import { Leg } from "./leg.ts";
import type { LegUser } from "./leg-user.ts";
import type { Way } from "./way.ts";

/** No call has so many. */
const MAX_LEGS = 64;

export class Forks {
  readonly #agent: Agent;
  readonly #offer: string;
  readonly #way: Way;
  readonly #userOf: (leg: () => Leg) => LegUser;
  /** By the other side's tag. */
  readonly #legs = new Map<Octets, Leg>();
  #fragment = "";

  /** `offer` is what the INVITE has; `userOf` makes the user of a dialog. */
  constructor(agent: Agent, way: Way, offer: string, userOf: (leg: () => Leg) => LegUser) {
    this.#agent = agent;
    this.#way = way;
    this.#offer = offer;
    this.#userOf = userOf;
  }

  /** Tells all of them of candidates that the offer does not have, and those to come. */
  trickle(fragment: string): void {
    this.#fragment = fragment;
    for (const leg of this.#legs.values()) leg.trickle(fragment);
  }

  of(remoteTag: string): Leg | undefined {
    return this.#legs.get(remoteTag);
  }

  /** The one that there is, if there is one and no other. */
  get only(): Leg | undefined {
    const [leg, ...others] = this.#legs.values();
    return others.length === 0 ? leg : undefined;
  }

  get areGone(): boolean {
    return [...this.#legs.values()].every((leg) => leg.isGone);
  }

  /** The dialog that a response belongs to, or makes; undefined if it makes none of use. */
  legFor(
    response: Response,
    essentials: Essentials,
    invite: Request,
    asked: TimerAsked,
  ): { readonly leg: Leg; readonly isNew: boolean } | undefined {
    const known = this.#legs.get(essentials.toTag);
    if (known) return { leg: known, isNew: false };
    if (this.#legs.size >= MAX_LEGS) return undefined;
    //= RFC 3261 §13.2.2.4
    //# Otherwise, a new dialog in the "confirmed" state MUST be constructed using the procedures of
    //# Section 12.1.2.
    const sent = readEssentials(invite);
    const dialog = sent.ok ? uacDialog(invite, sent.value, response, essentials) : undefined;
    if (!dialog || !isUsable(dialog)) return undefined;
    const user = this.#userOf(() => leg);
    const first = { offer: this.#offer, asked, way: this.#way };
    const leg: Leg = Leg.outgoing(this.#agent, dialog, user, first);
    if (this.#fragment !== "") leg.trickle(this.#fragment);
    this.#legs.set(flat(essentials.toTag), leg);
    return { leg, isNew: true };
  }

  /** Early dialogs that the call is not with. What answers later makes one of its own. */
  abandon(talking?: Leg): void {
    for (const [tag, leg] of [...this.#legs]) {
      if (leg === talking) continue;
      this.#legs.delete(tag);
      leg.abandon();
    }
  }
}
