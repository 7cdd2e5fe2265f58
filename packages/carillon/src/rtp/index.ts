/**
 * Sound in packets: `carillon/rtp`. Pure, as everything below the worlds: octets, samples and the
 * time go in, octets and samples come out.
 */
export type { Codec, Decoder, Encoder } from "./codec.ts";
export { Concealer } from "./concealer.ts";
export { fromALaw, fromMuLaw, pcma, pcmu, toALaw, toMuLaw } from "./g711.ts";
export { g722 } from "./g722.ts";
export { type LineQuality, mosOf, mosOfRating, ratingOf } from "./mos.ts";
