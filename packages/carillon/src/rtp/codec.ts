/**
 * What turns samples into the payload of a packet and back. RFC 3551 §4.
 *
 * The codecs of this folder need nothing; others (Opus) are made elsewhere against this interface.
 * PCM is mono everywhere: an `Int16Array` at the codec's `sampleRate`.
 */

/** From samples to payloads, for one direction of one call: it may remember what came before. */
export interface Encoder {
  /** One frame, as long as the packet is to last. The payload is the caller's to keep. */
  encode(pcm: Int16Array): Uint8Array;
  /** Gives back what it holds outside of JavaScript's memory; those that hold nothing have none. */
  close?(): void;
}

/** From payloads to samples, for one direction of one call. No payload makes it throw. */
export interface Decoder {
  /** What a peer sent is never an exception: what cannot be read sounds like nothing. */
  decode(payload: Uint8Array): Int16Array;
  /** What was lost: `samples` long; `next` is the following packet, for in-band FEC. */
  conceal(samples: number, next?: Uint8Array): Int16Array;
  /** As an encoder's. */
  close?(): void;
}

/** A kind of voice: what descriptions call it, and how it is coded. */
export interface Codec {
  /** The encoding name in descriptions: `PCMU`, `G722`, `opus`. Compared without case. */
  readonly name: string;
  /** Of timestamps, in Hz; not always how often sound is sampled (RFC 3551 §4.5.2). */
  readonly clockRate: number;
  /** Of PCM, in Hz. */
  readonly sampleRate: number;
  /** As descriptions have it: opus is told with 2, and mono all the same. */
  readonly channels: number;
  /** In our offers; a static one, or any from 96 on is chosen. */
  readonly payloadType?: number;
  /** The text of `a=fmtp` that we offer. */
  readonly fmtp?: string;
  /** `fmtp` is the peer's, where it said something. */
  encoder(fmtp?: string): Encoder;
  /** `fmtp` is the same text as for the encoder: what the peer said, and not what we said. */
  decoder(fmtp?: string): Decoder;
}
