/**
 * Calls whose server wakes a phone of theirs: it says so with a 182 (Queued), and nothing rings
 * yet. For pages and terminals that show it. RFC 8599 §5.6.2, RFC 3261 §21.1.4.
 */
import type { TraceEntry } from "../endpoint/role.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Call } from "./call.ts";

/** People whose phones are being woken; of more the oldest is forgotten. */
const MAX_WAKING = 64;

/**
 * ```ts
 * const notes = new WakeNotes();
 * const phone = new Phone({ aor, servers, token, trace: notes.trace });
 * const call = phone.call("sip:bob@house.example");
 * notes.isWaking(call); // until it rings
 * ```
 */
export class WakeNotes {
  /** Hears of it when a call begins to wake a phone, or that is over. */
  onchange: (() => void) | undefined;
  readonly #waking = new Set<string>();

  /** For `trace` of a phone: sees every message, and reads responses to INVITEs. */
  readonly trace = ({ direction, octets }: Pick<TraceEntry, "direction" | "octets">): void => {
    const isQueued = octets.startsWith("SIP/2.0 182");
    if (direction !== "in" || !(isQueued || (this.#waking.size > 0 && MORE.test(octets)))) return;
    const read = parseMessage(octets);
    const to = read.ok ? parseNameAddr(header(read.value, "To") ?? "") : read;
    if (!to.ok) return;
    const who = personIn(to.value.uri);
    if (isQueued === this.#waking.has(who)) return;
    if (isQueued) this.#waking.add(who);
    else this.#waking.delete(who);
    const [oldest] = this.#waking;
    if (this.#waking.size > MAX_WAKING && oldest !== undefined) this.#waking.delete(oldest);
    this.onchange?.();
  };

  /** Whether a phone is being woken for this call, and none rings. */
  isWaking({ peer, state: { name } }: Pick<Call, "peer" | "state">): boolean {
    return (name === "Dialing" || name === "Ringing") && this.#waking.has(personIn(peer.uri));
  }
}

/** To has neither the port nor most parameters of what was called: RFC 3261 §19.1.1. */
function personIn(uri: string): string {
  const read = parseSipUri(uri);
  return read.ok ? `${read.value.user}@${read.value.host}` : uri;
}

/** Anything that says more than 182 does. */
const MORE = /^SIP\/2\.0 (?:18[013]|[2-6]\d\d)/;
