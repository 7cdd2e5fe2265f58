/**
 * Opus as a codec of calls: what we offer, and what the other side's `a=fmtp` makes of it.
 * RFC 7587.
 */

import type { Codec } from "carillon/rtp";
import {
  formatFmtpParams,
  OPUS_DEFAULTS,
  opusFmtp,
  opusParams,
  parseFmtpParams,
} from "carillon/sdp";
import { OpusDecoder } from "./opus-decoder.ts";
import { OpusEncoder, type OpusSampleRate } from "./opus-encoder.ts";

/** How Opus is spoken, and what of it is asked for. RFC 7587 §6.1 */
export interface OpusOptions {
  /** Of the PCM on this side, in hertz; 48,000 if left out. The other side may have another. */
  readonly sampleRate?: OpusSampleRate;
  /**
   * Bits a second, without headers, and never more on average: 16,000 if left out. With RTP, UDP
   * and IPv4 that is 32,000 on the wire in packets of 20 ms, and of somebody speaking about 24,000.
   */
  readonly bitrate?: number;
  /**
   * 0 to 10: what the processor spends on quality; 7 if left out. Below 7 a tone or music counts
   * as silence.
   */
  readonly complexity?: number;
  /** Do we ask for FEC, and send it where it is asked for? Yes if left out. */
  readonly inbandFec?: boolean;
  /** Likewise silence that is not sent. Yes if left out. */
  readonly dtx?: boolean;
  /** How much is thought to be lost until the other side reports, 0 to 1; 0.1 if left out. */
  readonly lossFraction?: number;
  /** `voice` if left out; `music` keeps what is no speech. */
  readonly signal?: "voice" | "music";
}

/** Opus for the codecs of a voice, mono at `sampleRate`. It obeys the peer's `a=fmtp`. RFC 7587 */
export function opus(options: OpusOptions = {}): Codec {
  const { sampleRate = 48_000, inbandFec = true, dtx = true } = options;
  return {
    name: "opus",
    //= RFC 7587 §7
    //# The RTP clock rate in "a=rtpmap" MUST be 48000, and the number of channels MUST be 2.
    clockRate: 48_000,
    channels: 2,
    sampleRate,
    fmtp: ourFmtp({ sampleRate, inbandFec, dtx }),
    encoder: (fmtp) => encoderFor(options, fmtp ?? ""),
    decoder: () => new OpusDecoder({ sampleRate }),
  };
}

function ourFmtp(of: { sampleRate: number; inbandFec: boolean; dtx: boolean }): string {
  const params = opusFmtp({
    ...opusParams(new Map()),
    maxPlaybackRateHz: of.sampleRate < 48_000 ? of.sampleRate : undefined,
    spropMaxCaptureRateHz: of.sampleRate < 48_000 ? of.sampleRate : undefined,
    useInbandFec: of.inbandFec || undefined,
    useDtx: of.dtx || undefined,
  });
  return formatFmtpParams(params);
}

function encoderFor(options: OpusOptions, fmtp: string): OpusEncoder {
  const { sampleRate = 48_000, bitrate = 16_000, complexity = 7 } = options;
  const { inbandFec = true, dtx = true, lossFraction = 0.1 } = options;
  const theirs = opusParams(parseFmtpParams(fmtp));
  const average = Math.min(bitrate, theirs.maxAverageBitrate ?? bitrate);
  return new OpusEncoder({
    ...{ sampleRate, complexity, lossFraction },
    ...(options.signal && { signal: options.signal }),
    bitrate: average,
    maxAverageBitrate: average,
    inbandFec: inbandFec && (theirs.useInbandFec ?? OPUS_DEFAULTS.useInbandFec),
    // Without a word from the receiver §3.1.3 recommends to go on sending.
    dtx: dtx && (theirs.useDtx ?? false),
    cbr: theirs.cbr ?? false,
    //= RFC 7587 §6.1
    //# Sending signals with higher audio bandwidth results in higher than necessary network usage
    //# and encoding complexity, so an encoder SHOULD NOT encode frequencies above the audio
    //# bandwidth specified by maxplaybackrate.
    maxPlaybackRate: Math.min(sampleRate, theirs.maxPlaybackRateHz ?? sampleRate),
  });
}
