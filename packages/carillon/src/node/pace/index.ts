/**
 * The pace and the ciphers of media in Node: `carillon/node/pace`. Both are in `carillon/node` as
 * well; a process for media alone begins in half the time without all that a phone is made of.
 *
 * ```ts
 * import { voiceClock } from "carillon/node/pace";
 *
 * const began = voiceClock.now();
 * await new Promise<void>((resolve) => {
 *   const beat = () => {
 *     voiceClock.delete(beat);
 *     resolve();
 *   };
 *   voiceClock.add(beat);
 * });
 * console.log(voiceClock.now() > began); // true
 * ```
 */
export { nodeSrtpCrypto } from "../srtp-crypto.ts";
export { type Beat, VoiceClock, type VoiceTime, voiceClock } from "../voice-clock.ts";
