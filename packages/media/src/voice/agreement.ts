/** From what two descriptions agreed on to what a voice does, and from codecs to descriptions. */
import type { Codec, PayloadCodec, VoiceAgreement } from "carillon/rtp";
import {
  type AgreedCodec,
  type AgreedSlot,
  DEFAULT_EVENTS,
  type LocalCodec,
  parseEvents,
  receives,
  sends,
} from "carillon/sdp";

/** As they are offered, with telephone-event for each of their clocks. */
export function describedCodecs(codecs: readonly Codec[]): readonly LocalCodec[] {
  const clocks = [...new Set(codecs.map(({ clockRate }) => clockRate))];
  const isDynamic = ({ payloadType }: Codec) => payloadType === undefined;
  let next = FIRST_DYNAMIC;
  const described = codecs.map(
    (codec): LocalCodec => ({
      encoding: codec.name,
      clockRateHz: codec.clockRate,
      channels: codec.channels,
      payloadType: isDynamic(codec) ? next++ : (codec.payloadType ?? 0),
      ...(codec.fmtp && { params: codec.fmtp }),
    }),
  );
  const events = clocks.map(
    (clockRateHz, nth): LocalCodec => ({
      ...{ encoding: EVENTS, clockRateHz, params: "0-15" },
      payloadType: EVENT_PAYLOAD_TYPE + nth,
    }),
  );
  return [...described, ...events];
}

/** What holds from now on. Codecs that are not known here were never offered. */
export function voiceAgreement(slot: AgreedSlot, codecs: readonly Codec[]): VoiceAgreement {
  const known = slot.codecs.flatMap((agreed) => {
    const codec = codecs.find((each) => isCodec(each, agreed));
    return codec ? [{ agreed, codec }] : [];
  });
  const [best] = known;
  const send: PayloadCodec | undefined = best && {
    payloadType: best.agreed.payloadType,
    codec: best.codec,
    fmtp: best.agreed.params,
  };
  return {
    send: slot.isActive && sends(slot.direction) ? send : undefined,
    receive: receives(slot.direction)
      ? known.map(({ agreed, codec }) => ({
          payloadType: agreed.receivePayloadType,
          codec,
          fmtp: agreed.params,
        }))
      : [],
    events: eventsOf(slot, best?.codec),
  };
}

//= RFC 4733 §2.1
//# Named telephone events are carried as part of the audio stream
function eventsOf({ codecs }: AgreedSlot, codec: Codec | undefined): VoiceAgreement["events"] {
  const all = codecs.filter(({ encoding }) => encoding.toLowerCase() === EVENTS);
  const event = all.find(({ clockRateHz }) => clockRateHz === codec?.clockRate) ?? all[0];
  return (
    event && {
      send: event.payloadType,
      receive: event.receivePayloadType,
      clockRate: event.clockRateHz,
      known: event.params === undefined ? DEFAULT_EVENTS : (parseEvents(event.params) ?? []),
    }
  );
}

const isCodec = (codec: Codec, { encoding, clockRateHz, channels }: AgreedCodec): boolean =>
  codec.name.toLowerCase() === encoding.toLowerCase() &&
  codec.clockRate === clockRateHz &&
  codec.channels === channels;

const EVENTS = "telephone-event";
/** What browsers have for it at 8 kHz is 126, and gateways 101. */
const EVENT_PAYLOAD_TYPE = 101;
const FIRST_DYNAMIC = 111;
