/** How well a call sounds, of what its media count. */
import type { VoiceStatistics } from "carillon/rtp";
import type { DeskCall } from "./desk-call.ts";
import type { Happening } from "./happening.ts";

type Statistics = Extract<Happening, { event: "statistics" }>;

/** Nothing while nothing has been heard. */
export function qualityOf({ number, call, talkedSeconds }: DeskCall): readonly Statistics[] {
  const { statistics, isEncrypted: encrypted = false } = call.media ?? {};
  if (!statistics || talkedSeconds <= 0) return [];
  const quality = { ...qualityIn(statistics, talkedSeconds), encrypted };
  return [{ event: "statistics", call: number, ...quality }];
}

function qualityIn({ codec, mos, received, remote, sent }: VoiceStatistics, seconds: number) {
  const kbits = (octets: number) => Math.round((octets * 8) / seconds / 100) / 10;
  return {
    codec: codec ?? "",
    mos: Math.round(mos * 100) / 100,
    lossPercent: Math.round(received.lossFraction * 1000) / 10,
    jitterMs: Math.round(received.jitterMs * 10) / 10,
    roundTripMs: remote?.roundTripMs,
    // Of what packets carry, on the average of the whole call.
    receivedKbits: kbits(received.octets),
    sentKbits: kbits(sent.octets),
  };
}
