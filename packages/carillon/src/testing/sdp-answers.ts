/** For tests of answers: descriptions to answer, and what an endpoint may answer them with. */
import { readFileSync } from "node:fs";
import { fromBytes } from "../grammar/octets.ts";
import type { Answer } from "../sdp/answer.ts";
import { type Description, formatSdp, parseSdp } from "../sdp/description.ts";
import type { LocalCodec, LocalMedia, LocalStream } from "../sdp/local-media.ts";

export const example = (name: string): Description => {
  const text = fromBytes(readFileSync(new URL(`../sdp/examples/${name}.sdp`, import.meta.url)));
  return sdp(text);
};
export const sdp = (text: string): Description => {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(`${result.error.message} at ${result.error.offset}`);
  return result.value;
};
const HEAD = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";
export const offered = (...lines: readonly string[]): Description =>
  sdp(`${HEAD}${lines.join("\n")}\n`);

export const PCMU: LocalCodec = { encoding: "PCMU", clockRateHz: 8000 };
export const TONES: LocalCodec = { encoding: "telephone-event", clockRateHz: 8000, params: "0-15" };
export const OPUS: LocalCodec = {
  encoding: "opus",
  clockRateHz: 48_000,
  channels: 2,
  params: "useinbandfec=1",
  feedback: ["transport-cc"],
};
export const H261: LocalCodec = { encoding: "H261", clockRateHz: 90_000 };
export const AUDIO: LocalStream = {
  media: "audio",
  protos: ["RTP/AVP"],
  port: 30_000,
  codecs: [PCMU, TONES],
};
export const VIDEO: LocalStream = {
  media: "video",
  protos: ["RTP/AVP"],
  port: 30_002,
  codecs: [H261],
};
export const local = (
  streams: readonly LocalStream[],
  more: Partial<LocalMedia> = {},
): LocalMedia => ({
  origin: {
    username: "bob",
    sessionId: "2890844730",
    sessionVersion: "2890844730",
    netType: "IN",
    addressType: "IP4",
    address: "host.example.com",
  },
  address: { addressType: "IP4", address: "host.example.com" },
  streams,
  ...more,
});
/** The lines from the first `m=` on. */
export const media = ({ description }: Answer): readonly string[] => {
  const text = formatSdp(description);
  return text.slice(text.indexOf("m=")).trimEnd().split("\r\n");
};
export const refusals = ({ slots }: Answer): readonly string[] =>
  slots.map((slot) => (slot.kind === "Refused" ? slot.refusal : slot.stream.media));

export const DTLS: Partial<LocalStream> = {
  rtcpMux: true,
  rtcpRsize: true,
  dtls: { fingerprints: [{ hash: "sha-256", value: Array(32).fill("AB").join(":") }] },
  ice: { ufrag: "serv", pwd: "er".repeat(11), candidates: [], options: ["ice2"], isComplete: true },
};
