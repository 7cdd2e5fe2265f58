/** From codecs to descriptions, and from what two descriptions agreed on to what a voice does. */
import { sameIgnoringCase } from "../grammar/chars.ts";
import type { AgreedCodec, AgreedSlot } from "../sdp/agreed-media.ts";
import { receives, sends } from "../sdp/attribute/direction.ts";
import { DEFAULT_EVENTS, parseEvents } from "../sdp/attribute/telephone-events.ts";
import type { LocalCodec } from "../sdp/local-media.ts";
import type { Codec } from "./codec.ts";
import type { EventAgreement, VoiceAgreement } from "./voice-stream.ts";

const EVENTS = "telephone-event";
const FIRST_DYNAMIC = 96;
/** What everybody uses for it. */
const USUAL_EVENTS = 101;
const DTMF = "0-15";

/**
 * Codecs as `offer` of `carillon/sdp` wants them, best first, and telephone-event for each of their
 * clocks; and for that of 8 kHz, since there are phones that know no other.
 */
export function describedCodecs(codecs: readonly Codec[]): readonly LocalCodec[] {
  const rates = codecs.map(({ clockRate }) => clockRate);
  const clocks = [...new Set([8000, ...rates])].sort((a, b) => a - b);
  const events = clocks.map((clockRateHz, n) => ({
    ...{ encoding: EVENTS, clockRateHz, params: DTMF, payloadType: USUAL_EVENTS + n },
  }));
  const taken = new Set(events.map(({ payloadType }) => payloadType));
  for (const { payloadType } of codecs) if (payloadType !== undefined) taken.add(payloadType);
  let next = FIRST_DYNAMIC;
  const free = (): number => {
    while (taken.has(next)) next++;
    return next++;
  };
  const described = codecs.map(
    (codec): LocalCodec => ({
      ...{ encoding: codec.name, clockRateHz: codec.clockRate },
      payloadType: codec.payloadType ?? free(),
      ...(codec.channels > 1 && { channels: codec.channels }),
      ...(codec.fmtp !== undefined && { params: codec.fmtp }),
    }),
  );
  return [...described, ...events];
}

/**
 * From what two descriptions agreed on to what a `VoiceStream` does; `codecs` are those that were
 * described.
 */
export function voiceAgreement(slot: AgreedSlot, codecs: readonly Codec[]): VoiceAgreement {
  const known = slot.codecs.flatMap((agreed) => {
    const codec = codecs.find((each) => isThis(each, agreed));
    return codec ? [{ agreed, codec }] : [];
  });
  const [best] = known;
  const isSending = slot.isActive && sends(slot.direction) && best !== undefined;
  return {
    send: isSending
      ? { payloadType: best.agreed.payloadType, codec: best.codec, fmtp: best.agreed.params }
      : undefined,
    receive:
      slot.isActive && receives(slot.direction)
        ? known.map(({ agreed, codec }) => ({
            ...{ payloadType: agreed.receivePayloadType, codec, fmtp: agreed.params },
          }))
        : [],
    events: eventsOf(slot.codecs, best?.codec.clockRate ?? 8000),
  };
}

const isThis = (codec: Codec, { encoding, clockRateHz, channels }: AgreedCodec): boolean =>
  sameIgnoringCase(codec.name, encoding) &&
  codec.clockRate === clockRateHz &&
  codec.channels === channels;

//= RFC 4733 §2.5.1.1
//# If the sender receives an "events" parameter from the receiver, it MUST restrict the set of
//# events it sends to those listed in the received "events" parameter. For backward compatibility,
//# if no "events" parameter is received, the sender SHOULD assume support for the DTMF events 0-15
//# but for no other events.
/** Those that count as the sound does, if there are any. */
function eventsOf(codecs: readonly AgreedCodec[], clockRate: number): EventAgreement | undefined {
  const all = codecs.filter(({ encoding }) => sameIgnoringCase(encoding, EVENTS));
  const events = all.find(({ clockRateHz }) => clockRateHz === clockRate) ?? all[0];
  if (!events) return undefined;
  const { payloadType, receivePayloadType, clockRateHz, params } = events;
  const known = params === undefined ? DEFAULT_EVENTS : (parseEvents(params) ?? []);
  return { send: payloadType, receive: receivePayloadType, clockRate: clockRateHz, known };
}
