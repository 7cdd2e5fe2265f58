/**
 * What the payload types of one stream stand for: of what comes from a side, and of what goes to
 * it. RFC 3264 §5.1, RFC 3551 §6
 */
import { type Codec, g722, pcma, pcmu } from "carillon/rtp";
import {
  type AgreedCodec,
  type AgreedSlot,
  DEFAULT_EVENTS,
  isSameCodec,
  parseEvents,
  receives,
  sends,
} from "carillon/sdp";
import { opus } from "../../opus/opus.ts";

/** One kind of payload that was agreed on. */
export interface Format {
  /** `Event`: telephone-event. `Noise`: comfort noise (RFC 3389). */
  readonly kind: "Sound" | "Event" | "Noise" | "Other";
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

/** What holds for a stream of sound, as its paths need it. */
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
}

export const NO_TABLE: StreamTable = {
  ...{ incoming: [], outgoing: [], spoken: undefined, keys: undefined, noise: undefined },
  ...{ hasKeys: false, isReceiving: false, isSending: false },
};

export function streamTable(slot: AgreedSlot): StreamTable {
  const incoming: (Format | undefined)[] = new Array(128).fill(undefined);
  const outgoing = slot.codecs.map((agreed) => {
    const format = formatOf(agreed);
    incoming[agreed.receivePayloadType] = format;
    return format;
  });
  const spoken = outgoing.find(({ kind, agreed }) => kind === "Sound" && codecOf(agreed, 8000));
  const clockRate = spoken?.agreed.clockRateHz ?? 8000;
  const events = outgoing.filter(({ kind }) => kind === "Event");
  const keys = events.find(({ agreed }) => agreed.clockRateHz === clockRate) ?? events[0];
  return {
    ...{ incoming, outgoing, spoken, keys: keys && keysOf(keys.agreed) },
    noise: outgoing.find(({ kind }) => kind === "Noise")?.agreed.payloadType,
    hasKeys: events.length > 0,
    isReceiving: slot.isActive && receives(slot.direction),
    isSending: slot.isActive && sends(slot.direction),
  };
}

function formatOf(agreed: AgreedCodec): Format {
  const name = agreed.encoding.toLowerCase();
  if (name === "telephone-event") return { kind: "Event", agreed, name };
  if (name === "cn") return { kind: "Noise", agreed, name };
  return { kind: name === "red" || name === "rtx" ? "Other" : "Sound", agreed, name };
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

const FIXED: readonly Codec[] = [pcmu, pcma, g722];
const OPUS_RATES = [8000, 12_000, 16_000, 24_000, 48_000] as const;
const opusAt: ReadonlyMap<number, Codec> = new Map(
  OPUS_RATES.map((sampleRate) => [sampleRate, opus({ sampleRate, bitrate: 24_000 })]),
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
