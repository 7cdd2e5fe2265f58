/** G.711 µ-law and A-law: eight bits a sample, by tables. ITU-T G.711; RFC 3551 §4.5.14. */
import type { Codec, Decoder, Encoder } from "./codec.ts";
import { Concealer } from "./concealer.ts";

const RATE_HZ = 8000;

/** What each of the 256 octets stands for, in 16 bits. */
type Decoded = Int16Array;
/** The octet for each sample, at its 16 bits without a sign. */
type Encoded = Uint8Array;

/** The sample that an octet of µ-law stands for. */
export function fromMuLaw(octet: number): number {
  const inverted = ~octet & 0xff;
  const exponent = (inverted >> 4) & 7;
  const magnitude = (((inverted & 0x0f) << 3) + MU_LAW_BIAS) << exponent;
  return inverted & 0x80 ? MU_LAW_BIAS - magnitude : magnitude - MU_LAW_BIAS;
}

/** The sample that an octet of A-law stands for. */
export function fromALaw(octet: number): number {
  const toggled = octet ^ EVEN_BITS;
  const exponent = (toggled >> 4) & 7;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}

/** The octet of µ-law that is nearest to a sample of 14 bits in 16. */
export function toMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  // One's complement of the negative, as the Recommendation counts: -1 is as small as 0.
  const size = Math.min((sample < 0 ? ~sample : sample) >> 2, MU_LAW_CLIP) + (MU_LAW_BIAS >> 2);
  const exponent = 26 - Math.clz32(size);
  const mantissa = (size >> (exponent + 1)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** The octet of A-law that is nearest to a sample of 13 bits in 16. */
export function toALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const size = (sample < 0 ? ~sample : sample) >> 4;
  const exponent = size < 16 ? 0 : 28 - Math.clz32(size);
  const mantissa = exponent === 0 ? size : (size >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ EVEN_BITS;
}

const MU_LAW_BIAS = 132;
const MU_LAW_CLIP = 8158;
const EVEN_BITS = 0x55;

const tables = (
  decode: (octet: number) => number,
  encode: (sample: number) => number,
): { readonly decoded: Decoded; readonly encoded: Encoded } => ({
  decoded: Int16Array.from({ length: 256 }, (_, octet) => decode(octet)),
  encoded: Uint8Array.from({ length: 65_536 }, (_, bits) => encode((bits << 16) >> 16)),
});

function codec(name: string, payloadType: number, make: () => Tables): Codec {
  let made: Tables | undefined;
  const tablesOf = (): Tables => {
    made ??= make();
    return made;
  };
  return {
    ...{ name, clockRate: RATE_HZ, sampleRate: RATE_HZ, channels: 1, payloadType },
    encoder: () => encoder(tablesOf()),
    decoder: () => decoder(tablesOf()),
  };
}

type Tables = ReturnType<typeof tables>;

const encoder = ({ encoded }: Tables): Encoder => ({
  encode(pcm) {
    const payload = new Uint8Array(pcm.length);
    for (let i = 0; i < pcm.length; i++) payload[i] = encoded[pcm[i]! & 0xffff]!;
    return payload;
  },
});

function decoder({ decoded }: Tables): Decoder {
  const concealer = new Concealer(RATE_HZ);
  return {
    decode(payload) {
      const pcm = new Int16Array(payload.length);
      for (let i = 0; i < payload.length; i++) pcm[i] = decoded[payload[i]!]!;
      return concealer.heard(pcm);
    },
    conceal: (samples) => concealer.lost(samples),
  };
}

/** G.711 µ-law at 8000 Hz, payload type 0. RFC 3551 §4.5.14 */
export const pcmu: Codec = codec("PCMU", 0, () => tables(fromMuLaw, toMuLaw));
/** G.711 A-law at 8000 Hz, payload type 8. RFC 3551 §4.5.14 */
export const pcma: Codec = codec("PCMA", 8, () => tables(fromALaw, toALaw));
