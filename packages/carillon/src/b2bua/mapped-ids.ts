/**
 * One call through a back-to-back agent is two dialogs. Whoever names one of them, to take its
 * place or to join it, means the call: what names the agent's end of one dialog leads to whoever is
 * at the far end of the other. RFC 3891 §3, RFC 3911 §4, RFC 4538 §3, RFC 7092 §3.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { formatJoin, parseJoin } from "../message/header/join.ts";
import { formatReferTo, parseReferTo } from "../message/header/refer-to.ts";
import { formatReplaces, parseReplaces } from "../message/header/replaces.ts";
import { formatTargetDialog, parseTargetDialog } from "../message/header/target-dialog.ts";
import { headerName } from "../message/header-name.ts";
import { type EmbeddedHeader, embeddedHeaders, withHeaders } from "../uri/embedded-headers.ts";
import { formatSipUri, parseSipUri } from "../uri/sip-uri.ts";

/** A dialog as whoever is to act on it names it: `toTag` is their own. Octets, as they came. */
export interface NamedBy {
  readonly callId: Octets;
  /** The tag of whoever is addressed by the name. */
  readonly toTag: Octets;
  /** The tag of whom they talk to. */
  readonly fromTag: Octets;
}

/** A dialog that ends in the agent, as the agent sees it. */
export interface OwnDialog {
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly remoteTag: Octets;
}

/** The same dialog for the person who is called by this name; undefined: it is none of ours. */
export type Across = (named: NamedBy) => NamedBy | undefined;

/** Dialogs that are known at a time, two for each call; the call that comes then is not mapped. */
const MAX_DIALOGS = 200_000;

/** Which dialogs belong together. */
export class MappedIds {
  readonly #dialogs = new Map<string, NamedBy>();
  readonly #max: number;

  constructor(max: number = MAX_DIALOGS) {
    this.#max = max;
  }

  /** Dialogs that are known. */
  get size(): number {
    return this.#dialogs.size;
  }

  /** These two are one call, until the result is called. */
  join(one: OwnDialog, other: OwnDialog): () => void {
    if (this.#dialogs.size + 2 > this.#max) return () => {};
    const [here, there] = [flat(keyOf(ownName(one))), flat(keyOf(ownName(other)))];
    const [toOne, toOther] = [farName(one), farName(other)];
    this.#dialogs.set(here, toOther);
    this.#dialogs.set(there, toOne);
    return () => {
      // The place may have been given to another pair: a call that was put through.
      if (this.#dialogs.get(here) === toOther) this.#dialogs.delete(here);
      if (this.#dialogs.get(there) === toOne) this.#dialogs.delete(there);
    };
  }

  //= RFC 3891 §3
  //# In other words, the to-tag parameter is compared to the local tag, and the from-tag parameter
  //# is compared to the remote tag.
  /** For whom a name means that is the agent's own: the far end of the other dialog. */
  readonly across: Across = (named) => this.#dialogs.get(keyOf(named));
}

/** How somebody who means the agent names a dialog. */
const ownName = ({ callId, localTag, remoteTag }: OwnDialog): NamedBy => ({
  ...{ callId, toTag: localTag, fromTag: remoteTag },
});

/** How somebody who means the far end does. */
const farName = ({ callId, localTag, remoteTag }: OwnDialog): NamedBy => ({
  ...{ callId: flat(callId), toTag: flat(remoteTag), fromTag: flat(localTag) },
});

const keyOf = ({ callId, toTag, fromTag }: NamedBy): string => `${callId} ${toTag} ${fromTag}`;

// ---- in headers --------------------------------------------------------------------------------
// What cannot be read, or names no dialog of ours, stays as it is: somebody else may understand it.

/** A Replaces with the ids that its goal knows. RFC 3891. */
export function replacesAcross(value: Octets, across: Across): Octets {
  const read = parseReplaces(value);
  const mapped = read.ok ? across(read.value) : undefined;
  return read.ok && mapped ? formatReplaces({ ...read.value, ...mapped }) : value;
}

/** The same of a Join. RFC 3911. */
export function joinAcross(value: Octets, across: Across): Octets {
  const read = parseJoin(value);
  const mapped = read.ok ? across(read.value) : undefined;
  return read.ok && mapped ? formatJoin({ ...read.value, ...mapped }) : value;
}

//= RFC 4538 §3
//# The "remote-tag" header field parameter MUST be present and MUST contain the tag that would be
//# viewed as the remote tag from the perspective of the recipient of the new request. The
//# "local-tag" header field parameter MUST be present and MUST contain the tag that would be viewed
//# as the local tag from the perspective of the recipient of the new request.
/** The same of a Target-Dialog. RFC 4538. */
export function targetDialogAcross(value: Octets, across: Across): Octets {
  const read = parseTargetDialog(value);
  if (!read.ok) return value;
  const { callId, localTag: toTag, remoteTag: fromTag, params } = read.value;
  if (toTag === undefined || fromTag === undefined) return value;
  const mapped = across({ callId, toTag, fromTag });
  if (!mapped) return value;
  const tags = { localTag: mapped.toTag, remoteTag: mapped.fromTag };
  return formatTargetDialog({ callId: mapped.callId, ...tags, params });
}

/**
 * A Refer-To whose URI asks for a Replaces or a Join, with the ids that whom it leads to knows:
 * what is made of it may go there by any way. RFC 5589 §7.
 */
export function referToAcross(value: Octets, across: Across): Octets {
  const address = parseReferTo(value);
  const uri = address.ok ? parseSipUri(address.value.uri) : undefined;
  if (!address.ok || !uri?.ok || uri.value.headers === undefined) return value;
  const headers = embeddedHeaders(uri.value);
  const mapped = headers.map((header) => embeddedAcross(header, across));
  if (mapped.every((one, nth) => one === headers[nth])) return value;
  // Old phones look for "Replaces", in this spelling.
  const spelt = mapped.map(({ name, value }) => ({
    name: headerName(name, 0, name.length),
    value,
  }));
  return formatReferTo({ ...address.value, uri: formatSipUri(withHeaders(uri.value, spelt)) });
}

function embeddedAcross(header: EmbeddedHeader, across: Across): EmbeddedHeader {
  const rewrite = EMBEDDED.get(header.name);
  const value = rewrite?.(header.value, across) ?? header.value;
  return value === header.value ? header : { ...header, value };
}

const EMBEDDED: ReadonlyMap<string, (value: Octets, across: Across) => Octets> = new Map([
  ["replaces", replacesAcross],
  ["join", joinAcross],
  ["target-dialog", targetDialogAcross],
]);
