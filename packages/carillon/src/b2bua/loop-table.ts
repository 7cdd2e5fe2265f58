/**
 * INVITEs that are on their way through bridges, by what they are called on either side: one of
 * them that comes again, for the same address, goes in a circle. What the Vias of a proxied request
 * say (RFC 5393) nobody can read in a bridged one, whose Vias are new. RFC 7332 §4.
 */
import { distinct } from "../endpoint/ids.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";

/** What an INVITE is called. */
export interface InviteName {
  readonly callId: Octets;
  /** The tag in From. */
  readonly fromTag: Octets;
}

export class LoopTable {
  readonly #underway = new Map<string, Incoming>();

  get size(): number {
    return this.#underway.size;
  }

  //= RFC 7332 §4
  //# It is RECOMMENDED that B2BUAs implement the loop-detection mechanism for the Via header field,
  //# as defined for a proxy in [RFC5393].
  // With a name in the place of the Via: a server of another kind on the way keeps neither.
  /** Whether this went through here before, and has come back: a spiral is for another address. */
  isLoop(from: Incoming): boolean {
    const known = this.#underway.get(keyOf(from.essentials, from.request.uri));
    // The branches of one fork are of the same INVITE, and so is a second try.
    return known !== undefined && known !== from;
  }

  /** This INVITE is sent on under that name; until the result is called. */
  mark(from: Incoming, name: InviteName): () => void {
    const key = keyOf(name, from.request.uri);
    if (this.#underway.has(key)) return () => {};
    this.#underway.set(key, from);
    return () => void this.#underway.delete(key);
  }
}

const keyOf = ({ callId, fromTag }: InviteName, uri: Octets): string =>
  distinct([callId, fromTag, uri]);
