/**
 * What a server told of calls that go through its bridge: `Carillon-Bridge`, in whatever message of
 * the call it comes. For pages and terminals that show it.
 */
import { BRIDGE_HEADER, type BridgeTold, parseBridgeTold } from "../documents/bridge-told.ts";
import type { TraceEntry } from "../endpoint/role.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import type { Call } from "./call.ts";

/** Calls that are remembered; of more the oldest is forgotten. */
const MAX_CALLS = 64;

/**
 * ```ts
 * const notes = new BridgeNotes();
 * const phone = new Phone({ aor, servers, token, trace: notes.trace });
 * const call = phone.call("sip:bob@house.example");
 * await call.answered;
 * notes.of(call)?.there; // "PCMA RTP"
 * ```
 */
export class BridgeNotes {
  /** Hears of it when something was told. */
  onchange: (() => void) | undefined;
  readonly #told = new Map<string, BridgeTold>();

  /** For `trace` of a phone: sees every message, and reads those that tell of a bridge. */
  readonly trace = ({ direction, octets }: Pick<TraceEntry, "direction" | "octets">): void => {
    if (direction !== "in" || !MENTIONS.test(octets)) return;
    const read = parseMessage(octets);
    if (!read.ok) return;
    const told = parseBridgeTold(header(read.value, NAME) ?? "");
    const callId = header(read.value, "Call-ID");
    if (!told.ok || callId === undefined) return;
    this.#remember(callId, told.value);
  };

  /** What was last told of this call; undefined where it goes through no bridge. */
  of({ dialog }: Pick<Call, "dialog">): BridgeTold | undefined {
    return dialog && this.#told.get(dialog.callId);
  }

  #remember(callId: string, told: BridgeTold): void {
    const before = this.#told.get(callId);
    this.#told.delete(callId);
    // What an INVITE told before there was an answer is less than what follows.
    this.#told.set(callId, { ...before, ...told });
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_CALLS && oldest !== undefined) this.#told.delete(oldest);
    this.onchange?.();
  }
}

/** Names that are none of SIP's are known in lower case. */
const NAME = BRIDGE_HEADER.toLowerCase();
const MENTIONS = new RegExp(`\\n${BRIDGE_HEADER}[ \\t]*:`, "i");
