/** Named telephone events: DTMF beside the sound and not in it. RFC 4733. */
import type { Millis } from "../grammar/millis.ts";
import { uint16, writeUint16 } from "./packet.ts";

/** A key of a telephone. RFC 4733 §3.2 */
export type DtmfTone =
  | ("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9")
  | ("*" | "#" | "A" | "B" | "C" | "D");

const TONES: readonly DtmfTone[] = [..."0123456789*#ABCD"] as DtmfTone[];

/** The event's number: 0 to 15. RFC 4733 §3.2 */
export const eventOf = (tone: DtmfTone): number => TONES.indexOf(tone);
/** The key of an event; undefined for events that are no keys. RFC 4733 §3.2 */
export const toneOf = (event: number): DtmfTone | undefined => TONES[event];

/** Reads what somebody typed, in either case. Throws a RangeError on what is no key. */
export function parseTones(text: string): readonly DtmfTone[] {
  return [...text.toUpperCase()].map((key) => {
    const tone = TONES.find((each) => each === key);
    if (!tone) throw new RangeError(`${key} is no key of a telephone: 0 to 9, *, #, A to D`);
    return tone;
  });
}

/**
 * One report of an event, such as a key that is pressed, as four octets of a payload say it.
 * RFC 4733 §2.3
 */
export interface TelephoneEvent {
  /** Its number, 0 to 255; 0 to 15 are keys (`toneOf`). RFC 4733 §2.3.1 */
  readonly event: number;
  /** It is over, and `duration` is its whole length. RFC 4733 §2.3.2 */
  readonly isEnd: boolean;
  /** Its loudness in dBm0 with the sign dropped: 0 is loudest, 63 softest. RFC 4733 §2.3.4 */
  readonly volume: number;
  /** How long it has lasted so far, 0 to 65535 in timestamp units. RFC 4733 §2.3.5 */
  readonly duration: number;
}

const EVENT_BYTES = 4;
/** Of one packet; more would be tones of no length. */
const MAX_EVENTS = 8;

/** The events of a payload, in order; what is cut short is left out. §2.3, §2.5.1.5 */
export function readTelephoneEvents(payload: Uint8Array): readonly TelephoneEvent[] {
  const count = Math.min(MAX_EVENTS, Math.floor(payload.length / EVENT_BYTES));
  return Array.from({ length: count }, (_, n) => {
    const at = n * EVENT_BYTES;
    const flags = payload[at + 1]!;
    return {
      event: payload[at]!,
      isEnd: flags >= 0x80,
      volume: flags & 0x3f,
      duration: uint16(payload, at + 2),
    };
  });
}

/** The four octets of one event. RFC 4733 §2.3 */
export function writeTelephoneEvent({
  event,
  isEnd,
  volume,
  duration,
}: TelephoneEvent): Uint8Array {
  const payload = new Uint8Array(EVENT_BYTES);
  payload[0] = event;
  //= RFC 4733 §2.3.3
  //# The sender MUST set it to zero, and the receiver MUST ignore it.
  payload[1] = (isEnd ? 0x80 : 0) | (volume & 0x3f);
  writeUint16(payload, 2, duration);
  return payload;
}

/** A packet to send with the payload type of telephone-event. */
export interface EventPacket {
  /** Four octets. RFC 4733 §2.3 */
  readonly payload: Uint8Array;
  /** The first packet of an event. RFC 4733 §2.5.1.2 */
  readonly marker: boolean;
  /** When the event, or its segment, began: 32 bits, in units of the sound's clock. */
  readonly timestamp: number;
}

/** One tick of a sender: what to send, and whether sound may be sent beside it. */
export interface EventTick {
  /** To be sent now, in this order: the end of the key before, again, and the key that sounds. */
  readonly packets: readonly EventPacket[];
  /** While it is true no sound is sent: the key takes its place. */
  readonly isToneOn: boolean;
}

const VOLUME = 10;
const ENDS = 3;
const LONGEST_SEGMENT = 0xffff;
/** Keys that wait: whoever types that many has fallen onto the telephone. */
const MAX_WAITING = 256;
const SILENT: EventTick = Object.freeze({ packets: Object.freeze([]), isToneOn: false });

interface Sounding {
  readonly event: number;
  readonly total: number;
  readonly timestamp: number;
  readonly duration: number;
  readonly isFirst: boolean;
}

/**
 * From keys to packets, one key after the other; the last packet of each comes three times.
 * `clockRate` is that of the events, in Hz. RFC 4733 §2.5.1
 */
export class EventSender {
  readonly #perMs: number;
  readonly #waiting: { readonly event: number; readonly total: number; readonly gap: number }[] =
    [];
  #sounding: Sounding | undefined;
  /** Until the next may begin, in timestamp units. */
  #pause = 0;
  #gap = 0;
  /** The last packet of the last tone, and how often it is still to be sent. */
  #end: EventPacket | undefined;
  #ends = 0;

  constructor(clockRate: number) {
    this.#perMs = clockRate / 1000;
  }

  /** True when no key sounds or waits, and no last packet is still to be repeated. */
  get isIdle(): boolean {
    return !this.#sounding && this.#waiting.length === 0 && this.#ends === 0;
  }

  /** True while 256 keys wait: `push` throws then. */
  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  /**
   * Takes up a key (`eventOf`): how long it sounds, and how long it is quiet after it. Throws a
   * RangeError while 256 are waiting.
   */
  push(event: number, durationMs: Millis, gapMs: Millis): void {
    if (this.isFull) throw new RangeError("too many tones are waiting");
    const [total, gap] = [durationMs * this.#perMs, gapMs * this.#perMs];
    this.#waiting.push({ event, total, gap });
  }

  /**
   * What to send beside a frame of sound, or in its place. The frame begins at `timestamp`, of the
   * sound, and is `duration` long, in units of the events' clock.
   */
  tick(timestamp: number, duration: number): EventTick {
    if (this.isIdle && this.#pause <= 0) return SILENT;
    const packets: EventPacket[] = [];
    this.#repeatEnd(packets);
    if (!this.#sounding) this.#start(timestamp, duration);
    if (!this.#sounding) return { packets, isToneOn: false };
    this.#sound(this.#sounding, duration, packets);
    return { packets, isToneOn: true };
  }

  #start(timestamp: number, duration: number): void {
    if (this.#pause > 0) {
      this.#pause -= duration;
      return;
    }
    const next = this.#waiting.shift();
    if (!next) return;
    this.#gap = next.gap;
    this.#sounding = { ...next, timestamp, duration: 0, isFirst: true };
  }

  //= RFC 4733 §2.5.1.2
  //# The update packets MUST have the same RTP timestamp value as the initial packet for the event,
  //# but the duration MUST be increased to reflect the total cumulative duration since the
  //# beginning of the event.
  #sound(sounding: Sounding, duration: number, packets: EventPacket[]): void {
    const lasted = Math.min(sounding.total, sounding.duration + duration);
    if (lasted > LONGEST_SEGMENT) return this.#segment(sounding, lasted, packets);
    const isEnd = lasted >= sounding.total;
    const payload = this.#payload(sounding.event, isEnd, lasted);
    //= RFC 4733 §2.5.1.2
    //# The first packet for an event MUST have the M bit set. The final packet for an event MUST
    //# have the E bit set
    packets.push({ payload, marker: sounding.isFirst, timestamp: sounding.timestamp });
    if (!isEnd) this.#sounding = { ...sounding, duration: lasted, isFirst: false };
    else this.#finish({ payload, marker: false, timestamp: sounding.timestamp });
  }

  //= RFC 4733 §2.5.1.3
  //# If an event persists beyond the maximum duration expressible in the duration field (0xFFFF),
  //# the sender MUST send a packet reporting this maximum duration but MUST NOT set the E bit in
  //# this packet. The sender MUST then begin reporting a new "segment" with the RTP timestamp set
  //# to the time at which the previous segment ended and the duration set to the cumulative
  //# duration of the new segment. The M bit of the first packet reporting the new segment MUST NOT
  //# be set.
  #segment(sounding: Sounding, lasted: number, packets: EventPacket[]): void {
    const { event, total, timestamp } = sounding;
    const payload = this.#payload(event, false, LONGEST_SEGMENT);
    packets.push({ payload, marker: sounding.isFirst, timestamp });
    const next = {
      ...{ event, total: total - LONGEST_SEGMENT, duration: 0, isFirst: false },
      timestamp: (timestamp + LONGEST_SEGMENT) >>> 0,
    };
    this.#sound(next, lasted - LONGEST_SEGMENT, packets);
  }

  //= RFC 4733 §2.5.1.4
  //# The final packet for each event and for each segment SHOULD be sent a total of three times at
  //# the interval used by the source for updates.
  #finish(end: EventPacket): void {
    this.#sounding = undefined;
    this.#pause = this.#gap;
    this.#end = end;
    this.#ends = ENDS - 1;
  }

  #repeatEnd(packets: EventPacket[]): void {
    if (this.#ends === 0 || !this.#end) return;
    packets.push(this.#end);
    this.#ends--;
  }

  #payload(event: number, isEnd: boolean, duration: number): Uint8Array {
    return writeTelephoneEvent({ event, isEnd, volume: VOLUME, duration });
  }
}

/** What somebody pressed: told when it begins, and again when it is over. */
export type ReceivedEvent =
  | { readonly kind: "Begun"; readonly event: number }
  | { readonly kind: "Ended"; readonly event: number; readonly durationMs: Millis };

interface Hearing {
  readonly event: number;
  /** Where its newest segment began, and how long that is. */
  readonly timestamp: number;
  readonly duration: number;
  /** Of segments that are over. */
  readonly before: number;
  readonly lastAt: Millis;
}

/** No news of a tone for so long: its end was lost. */
const LOST_END_MS = 200;

/**
 * From packets of telephone-event to keys that were pressed. `clockRate` is that of the events, in
 * Hz. RFC 4733 §2.5.2
 */
export class EventReceiver {
  readonly #perMs: number;
  #hearing: Hearing | undefined;
  /** The last one that ended: it is told three times. */
  #ended: Hearing | undefined;

  constructor(clockRate: number) {
    this.#perMs = clockRate / 1000;
  }

  /** A packet of events. Tells each beginning and end once, however often they are sent. */
  receive(timestamp: number, payload: Uint8Array, now: Millis): readonly ReceivedEvent[] {
    let at = timestamp;
    const told: ReceivedEvent[] = [];
    for (const each of readTelephoneEvents(payload)) {
      told.push(...this.#one(at, each, now));
      at = (at + each.duration) >>> 0;
    }
    return told;
  }

  /** Ends what is heard no more: a key whose end was lost, after 200 ms. */
  tick(now: Millis): readonly ReceivedEvent[] {
    return this.#hearing && now - this.#hearing.lastAt >= LOST_END_MS ? this.#end() : [];
  }

  #one(timestamp: number, { event, isEnd, duration }: TelephoneEvent, now: Millis) {
    //= RFC 4733 §2.3.5
    //# The receiver SHOULD ignore an event report with zero duration if the event is not a state.
    if (duration === 0 || this.#isOld(timestamp)) return [];
    if (isEnd && this.#isLapsed(timestamp, event, duration)) return [];
    const told: ReceivedEvent[] = [];
    const heard = this.#hearing;
    const isSame = heard?.event === event && this.#continues(heard, timestamp);
    if (heard && !isSame) told.push(...this.#end());
    if (!heard || !isSame) told.push({ kind: "Begun", event });
    const same = isSame ? heard : undefined;
    const isSegment = same !== undefined && same.timestamp !== timestamp;
    this.#hearing = {
      ...{ event, timestamp, lastAt: now },
      duration: isSegment ? duration : Math.max(duration, same?.duration ?? 0),
      before: (same?.before ?? 0) + (isSegment ? same.duration : 0),
    };
    if (isEnd) told.push(...this.#end());
    return told;
  }

  /** Of a tone that is over, or from before the one that is heard. */
  #isOld(timestamp: number): boolean {
    const newest = (this.#hearing ?? this.#ended)?.timestamp;
    if (newest === undefined) return false;
    const isBefore = ((timestamp - newest) | 0) < 0;
    return isBefore || (this.#hearing === undefined && timestamp === newest);
  }

  //= RFC 4733 §2.5.2.2
  //# The receiver MAY determine on the basis of retained history and the timestamp and event code
  //# of the current packet that it corresponds to an event already played out and lapsed.  In that
  //# case, further reports for the event MUST be ignored, as indicated in the previous paragraph.
  /**
   * The end once more, of a key that would have begun before that was over: some relays that
   * transcode sound give the last repetition the timestamp of what they have sent meanwhile.
   */
  #isLapsed(timestamp: number, event: number, duration: number): boolean {
    const ended = this.#hearing ? undefined : this.#ended;
    if (ended?.event !== event || ended.duration !== duration) return false;
    return ((timestamp - ended.timestamp) | 0) < duration;
  }

  /** The same tone, or the next segment of one that is longer than a packet can say. */
  #continues({ timestamp, duration }: Hearing, next: number): boolean {
    if (next === timestamp) return true;
    return duration === LONGEST_SEGMENT && next === (timestamp + LONGEST_SEGMENT) >>> 0;
  }

  #end(): readonly ReceivedEvent[] {
    const heard = this.#hearing;
    if (!heard) return [];
    this.#hearing = undefined;
    this.#ended = heard;
    const durationMs = Math.round((heard.before + heard.duration) / this.#perMs);
    return [{ kind: "Ended", event: heard.event, durationMs }];
  }
}
