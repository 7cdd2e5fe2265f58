/**
 * What the payload types of one stream stand for: of what comes from a side, and of what goes to
 * it. RFC 3264 §5.1, RFC 3551 §6
 */
import { type Codec, g722, pcma, pcmu } from "carillon/rtp";
import {
  type AgreedCodec,
  type AgreedSlot,
  DEFAULT_EVENTS,
  extmap,
  isSameCodec,
  type MediaSection,
  parseEvents,
  readAttributes,
  receives,
  sends,
} from "carillon/sdp";
import { opus } from "../../opus/opus.ts";

/** One kind of payload that was agreed on. */
export interface Format {
  /** `Main`: sound or pictures. `Event`: telephone-event. `Noise`: comfort noise (RFC 3389). */
  readonly kind: "Main" | "Event" | "Noise" | "Other";
  readonly agreed: AgreedCodec;
  /** In lower case. */
  readonly name: string;
}

/** Keys beside the sound, as that side takes them. */
export interface KeyFormat {
  readonly payloadType: number;
  readonly clockRate: number;
  readonly known: readonly number[];
}

/** What holds for a stream, as its paths need it. */
export interface StreamTable {
  /** By the payload type of what comes. */
  readonly incoming: readonly (Format | undefined)[];
  /** What may go, best first. */
  readonly outgoing: readonly Format[];
  /** What we say ourselves is said so: the best that can be coded here. */
  readonly spoken: Format | undefined;
  readonly keys: KeyFormat | undefined;
  /** The payload type of comfort noise to it. */
  readonly noise: number | undefined;
  /** Keys of that side come beside the sound. */
  readonly hasKeys: boolean;
  readonly isReceiving: boolean;
  readonly isSending: boolean;
  /** Header extensions that both ends of the stream know: `1 urn:…`, by their id. */
  readonly extensions: ReadonlySet<string>;
}

export const NO_TABLE: StreamTable = {
  ...{ incoming: [], outgoing: [], spoken: undefined, keys: undefined, noise: undefined },
  ...{ hasKeys: false, isReceiving: false, isSending: false, extensions: new Set() },
};

/** Of nobody. */
export const NOTHING_PASSES: Int16Array = new Int16Array(128).fill(-1);

/** Both sections, for what the slot does not say. */
export function streamTable(slot: AgreedSlot, own: MediaSection, peer: MediaSection): StreamTable {
  const incoming: (Format | undefined)[] = new Array(128).fill(undefined);
  const outgoing = slot.codecs.map((agreed) => {
    const format = formatOf(agreed);
    incoming[agreed.receivePayloadType] = format;
    return format;
  });
  const spoken = outgoing.find(({ kind, agreed }) => kind === "Main" && codecOf(agreed, 8000));
  const clockRate = spoken?.agreed.clockRateHz ?? 8000;
  const events = outgoing.filter(({ kind }) => kind === "Event");
  const keys = events.find(({ agreed }) => agreed.clockRateHz === clockRate) ?? events[0];
  return {
    ...{ incoming, outgoing, spoken, keys: keys && keysOf(keys.agreed) },
    noise: outgoing.find(({ kind }) => kind === "Noise")?.agreed.payloadType,
    hasKeys: events.length > 0,
    isReceiving: slot.isActive && receives(slot.direction),
    isSending: slot.isActive && sends(slot.direction),
    extensions: commonExtensions(own, peer),
  };
}

function commonExtensions(own: MediaSection, peer: MediaSection): ReadonlySet<string> {
  const named = ({ lines }: MediaSection) =>
    readAttributes(lines, extmap).map(({ id, uri }) => `${id} ${uri}`);
  const theirs = new Set(named(peer));
  return new Set(named(own).filter((each) => theirs.has(each)));
}

function formatOf(agreed: AgreedCodec): Format {
  const name = agreed.encoding.toLowerCase();
  if (name === "telephone-event") return { kind: "Event", agreed, name };
  if (name === "cn") return { kind: "Noise", agreed, name };
  return { kind: REPAIRS.has(name) ? "Other" : "Main", agreed, name };
}

//= RFC 4733 §2.5.1.1
//# If the sender receives an "events" parameter from the receiver, it MUST restrict the set of
//# events it sends to those listed in the received "events" parameter.
function keysOf({ payloadType, clockRateHz, params }: AgreedCodec): KeyFormat {
  const known = params === undefined ? DEFAULT_EVENTS : (parseEvents(params) ?? []);
  return { payloadType, clockRate: clockRateHz, known };
}

export const canPress = (keys: KeyFormat | undefined, event: number): keys is KeyFormat =>
  keys?.known.includes(event) ?? false;

/** What is about the numbers of other packets. */
const REPAIRS: ReadonlySet<string> = new Set(["red", "rtx", "ulpfec", "flexfec", "flexfec-03"]);

const FIXED: readonly Codec[] = [pcmu, pcma, g722];
const OPUS_RATES = [8000, 12_000, 16_000, 24_000, 48_000] as const;
// DTX would take a tone, or music on hold, for silence.
const opusAt: ReadonlyMap<number, Codec> = new Map(
  OPUS_RATES.map((sampleRate) => [sampleRate, opus({ sampleRate, bitrate: 24_000, dtx: false })]),
);

/** How a payload is decoded and coded here; undefined where that cannot be done. */
export function codecOf(
  { encoding, clockRateHz }: AgreedCodec,
  opusRate: number,
): Codec | undefined {
  const name = encoding.toLowerCase();
  if (name === "opus") return opusAt.get(opusRate);
  return FIXED.find((each) => each.name.toLowerCase() === name && each.clockRate === clockRateHz);
}

/** The least rate of Opus that loses nothing of `rate`. */
export const opusRateFor = (rate: number): number =>
  OPUS_RATES.find((each) => each >= rate) ?? 48_000;

/**
 * As what each payload type of one side's packets goes to another side; -1: not as it is. What both
 * have is passed on and never decoded.
 */
export function passedAs(from: StreamTable, to: StreamTable): Int16Array {
  const types = new Int16Array(128).fill(-1);
  for (const [payloadType, format] of from.incoming.entries()) {
    const same = format && to.outgoing.find((each) => isSameCodec(format.agreed, each.agreed));
    if (same) types[payloadType] = same.agreed.payloadType;
  }
  return types;
}

/** Header extensions that mean the same on both sides, as bits by their id of 1 to 14. */
export function passedExtensions(from: StreamTable, to: StreamTable): number {
  let kept = 0;
  for (const each of from.extensions) {
    const id = Number.parseInt(each, 10);
    if (id < 15 && to.extensions.has(each)) kept |= 1 << id;
  }
  return kept;
}
