/**
 * Whether somebody records a call: `a=record` in whatever description of the call comes. For pages
 * and terminals that show it, which says of a phone that it is recording-aware. RFC 7866 §6.3,
 * §7.3.1.
 */
import type { TraceEntry } from "../endpoint/role.ts";
import type { Octets } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import type { Call } from "./call.ts";
import { descriptionIn } from "./described.ts";
import { partsOf } from "./phone-parts.ts";

/** The option tag. RFC 7866 §11.1.2. */
export const RECORD_AWARE: Octets = "record-aware";

/** `paused`: it is recorded, but not at the moment. RFC 7866 §7.1.2. */
export type RecordingTold = "on" | "off" | "paused";

/** Calls that are remembered; of more the oldest is forgotten. */
const MAX_CALLS = 64;

//= RFC 7866 §6.3
//# A recording-aware UA MUST indicate that it can accept the reporting of recording indications
//# provided by the SRC with a new "record-aware" option tag when initiating or establishing a CS;
//# this means including the "record-aware" option tag in the Supported header in the initial
//# INVITE request or response.
/**
 * Says of this phone that it shows its person when a call is recorded, which is the program's to
 * do (`RecordingNotes`): it is told so instead of hearing a tone. RFC 7866 §6.3.
 */
export const recordAware = (phone: object): void =>
  void partsOf(phone).agent.abilities.extensions.push(RECORD_AWARE);

/**
 * ```ts
 * const notes = new RecordingNotes();
 * const phone = new Phone({ aor, servers, token, trace: notes.trace });
 * recordAware(phone);
 * const call = phone.call("sip:bob@house.example");
 * notes.onchange = () => console.log(notes.of(call)); // "on"
 * ```
 */
export class RecordingNotes {
  /** Hears of it when something was told. */
  onchange: (() => void) | undefined;
  readonly #told = new Map<string, RecordingTold>();

  //= RFC 7866 §7.3.1
  //# When a recording-aware UA receives an SDP offer or answer that includes the "a=record"
  //# attribute, the UA provides to the end user an indication as to whether the recording is on,
  //# off, or paused for each medium, based on the most recently received "a=record" SDP attribute
  //# for that medium.
  /** For `trace` of a phone: sees every message, and reads those that tell of a recording. */
  readonly trace = ({ direction, octets }: Pick<TraceEntry, "direction" | "octets">): void => {
    if (direction !== "in" || !octets.includes("a=record:")) return;
    const read = parseMessage(octets);
    if (!read.ok) return;
    const told = toldIn(descriptionIn(read.value));
    const callId = header(read.value, "Call-ID");
    if (told === undefined || callId === undefined || this.#told.get(callId) === told) return;
    this.#told.delete(callId);
    this.#told.set(callId, told);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_CALLS && oldest !== undefined) this.#told.delete(oldest);
    this.onchange?.();
  };

  /** What was last told of this call; undefined where nobody ever said anything. */
  of({ dialog }: Pick<Call, "dialog">): RecordingTold | undefined {
    return dialog && this.#told.get(dialog.callId);
  }
}

/** Of several media the one that is recorded counts: a person is told of the call as a whole. */
function toldIn(description: string): RecordingTold | undefined {
  const all = description.match(INDICATION)?.map((line) => line.slice("a=record:".length).trim());
  return (["on", "paused", "off"] as const).find((one) => all?.includes(one));
}

const INDICATION = /^a=record:(?:on|off|paused)\r?$/gm;
