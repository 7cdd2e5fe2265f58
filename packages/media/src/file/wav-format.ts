/** What the head of a WAV file says: RIFF with a `fmt ` and a `data` chunk. */

export interface WavFormat {
  readonly encoding: "pcm8" | "pcm16" | "pcm24" | "float32" | "alaw" | "mulaw";
  readonly sampleRate: number;
  readonly channels: number;
  /** Of one sample of all channels. */
  readonly frameBytes: number;
  /** Where the sound begins, and how long it is; what is not there does not count. */
  readonly dataOffset: number;
  readonly dataBytes: number;
}

/** What cannot be played, and why, in words. */
export class WavError extends Error {
  /** `WavError`. */
  override readonly name = "WavError";
}

/** `head` is the beginning of the file, all of it or `WAV_HEAD_BYTES`. Throws a `WavError`. */
export function readWavFormat(head: Uint8Array, fileBytes: number): WavFormat {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 12 || name(view, 0) !== "RIFF" || name(view, 8) !== "WAVE") {
    throw new WavError("this is no WAV file: it does not begin with RIFF and WAVE");
  }
  let format: Omit<WavFormat, "dataOffset" | "dataBytes"> | undefined;
  // A chunk has a name and a size, and is padded to an even number of octets.
  for (let at = 12, chunks = 0; at + 8 <= head.length && chunks < MAX_CHUNKS; chunks++) {
    const bytes = view.getUint32(at + 4, true);
    const from = at + 8;
    if (name(view, at) === "fmt ") format = readFmt(view, from, bytes);
    if (name(view, at) === "data") {
      if (!format) throw new WavError("this WAV file says nothing of its format before its sound");
      return { ...format, dataOffset: from, dataBytes: lengthOf(bytes, fileBytes - from, format) };
    }
    at = from + bytes + (bytes & 1);
  }
  throw new WavError("this WAV file has no sound in it (no data chunk near its beginning)");
}

/** A file that is still written, or was not ended, says 0 or all bits set. */
function lengthOf(said: number, left: number, { frameBytes }: { frameBytes: number }): number {
  const isOpen = said === 0 || said === 0xffffffff;
  const bytes = Math.max(0, isOpen ? left : Math.min(said, left));
  return bytes - (bytes % frameBytes);
}

function readFmt(
  view: DataView,
  from: number,
  bytes: number,
): Omit<WavFormat, "dataOffset" | "dataBytes"> {
  if (bytes < 16 || from + 16 > view.byteLength)
    throw new WavError("this WAV file's format is cut off");
  const channels = view.getUint16(from + 2, true);
  const sampleRate = view.getUint32(from + 4, true);
  const bits = view.getUint16(from + 14, true);
  let tag = view.getUint16(from, true);
  // The extensible form has the tag that counts at the beginning of its GUID.
  if (tag === EXTENSIBLE && bytes >= 26 && from + 26 <= view.byteLength)
    tag = view.getUint16(from + 24, true);
  const encoding = ENCODINGS.get(`${tag}/${bits}`);
  if (!encoding) {
    throw new WavError(
      `a WAV file of format ${tag} with ${bits} bits is not played: PCM of 8, 16 or 24 bits, ` +
        "floats of 32, A-law and µ-law are",
    );
  }
  if (channels < 1 || channels > 2)
    throw new WavError(`a WAV file of ${channels} channels is not played: one or two are`);
  if (!RATES.has(sampleRate)) {
    const known = [...RATES].join(", ");
    throw new WavError(`a WAV file at ${sampleRate} Hz is not played: ${known} are`);
  }
  return { encoding, sampleRate, channels, frameBytes: (channels * bits) / 8 };
}

const name = (view: DataView, at: number): string =>
  String.fromCharCode(
    view.getUint8(at),
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
  );

const EXTENSIBLE = 0xfffe;
const ENCODINGS: ReadonlyMap<string, WavFormat["encoding"]> = new Map([
  ["1/8", "pcm8"],
  ["1/16", "pcm16"],
  ["1/24", "pcm24"],
  ["3/32", "float32"],
  ["6/8", "alaw"],
  ["7/8", "mulaw"],
]);
/** Those that any codec's rate can be made of. */
const RATES: ReadonlySet<number> = new Set([
  ...[8000, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000],
]);
const MAX_CHUNKS = 1000;
/** Pictures and titles before the sound are skipped up to here. */
export const WAV_HEAD_BYTES: number = 1 << 16;
