/**
 * What a codec is to the voice of a call: PCM in, payloads out, and the other way round. The shapes
 * are those of `carillon/rtp`.
 */
export interface Encoder {
  /** One frame of PCM; an empty payload is one that need not be sent. */
  encode(pcm: Int16Array): Uint8Array;
  close?(): void;
}

export interface Decoder {
  /** The PCM of one payload. */
  decode(payload: Uint8Array): Int16Array;
  /** What stands for a payload that did not come; `next` is the one after it, where it is there. */
  conceal(samples: number, next?: Uint8Array): Int16Array;
  close?(): void;
}

export interface Codec {
  /** As in `a=rtpmap`. */
  readonly name: string;
  /** Of RTP's timestamps, in hertz. */
  readonly clockRate: number;
  /** Of the PCM, in hertz. */
  readonly sampleRate: number;
  /** As in `a=rtpmap`. */
  readonly channels: number;
  readonly payloadType?: number;
  /** What we tell the other side that we take. */
  readonly fmtp?: string;
  /** `fmtp` is the other side's. */
  encoder(fmtp?: string): Encoder;
  decoder(fmtp?: string): Decoder;
}
