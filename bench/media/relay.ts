/** A relay of media under test, whichever it is. */

/**
 * `relay`: PCMU on both sides. `srtp`: PCMU, and one side encrypted by SDES. `opus`: Opus on one
 * side and PCMA on the other. `g711`: PCMU on one side and PCMA on the other.
 */
export type Kind = "relay" | "srtp" | "opus" | "g711";

/** One side, as it describes itself. */
export interface Described {
  /** What it speaks: `opus/48000/2`, and its payload type. */
  readonly codec: string;
  readonly payloadType: number;
  readonly fmtp?: string;
  /** The line of `a=crypto` without its name; undefined: in the clear. */
  readonly crypto?: string;
  readonly port: number;
}

/** What a relay says to one side. */
export interface Told {
  readonly port: number;
  readonly payloadType: number;
  /** Its own key, in `a=crypto`. */
  readonly crypto: string | undefined;
}

export interface Relay {
  readonly name: string;
  readonly pid: number;
  /** A call between two: what each is told. */
  call(id: string, near: Described, far: Described): Promise<{ near: Told; far: Told }>;
  stop(): Promise<void>;
}

export const HERE = "127.0.0.1";

/** A description as a simple phone has it. */
export function descriptionOf({ codec, payloadType, fmtp, crypto, port }: Described): string {
  const proto = crypto === undefined ? "RTP/AVP" : "RTP/SAVP";
  return [
    ...["v=0", `o=- 1 1 IN IP4 ${HERE}`, "s=-", `c=IN IP4 ${HERE}`, "t=0 0"],
    `m=audio ${port} ${proto} ${payloadType} 101`,
    `a=rtpmap:${payloadType} ${codec}`,
    ...(fmtp === undefined ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
    ...(crypto === undefined ? [] : [`a=crypto:${crypto}`]),
    // As every phone has it. Without, keys would be looked for in the sound.
    ...["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"],
    ...["a=sendrecv", "a=ptime:20", ""],
  ].join("\r\n");
}

/** What a description says to a phone that speaks this codec; throws where it is not in it. */
export function toldIn(sdp: string, { codec }: Described): Told {
  const port = Number(/^m=audio (\d+) /m.exec(sdp)?.[1] ?? 0);
  const name = codec.split("/")[0]?.toLowerCase() ?? "";
  const maps = [...sdp.matchAll(/^a=rtpmap:(\d+) ([^/\r\n]+)/gm)];
  const mapped = maps.find(([, , encoding]) => encoding?.toLowerCase() === name)?.[1];
  const payloadType = Number(mapped ?? STATIC[name] ?? -1);
  if (port === 0 || payloadType < 0) throw new Error(`no ${codec} in:\n${sdp}`);
  return { port, payloadType, crypto: /^a=crypto:(.*?)\r?$/m.exec(sdp)?.[1] };
}

const STATIC: Readonly<Record<string, number>> = { pcmu: 0, pcma: 8, g722: 9 };
