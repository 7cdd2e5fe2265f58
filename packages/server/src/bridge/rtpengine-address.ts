/** Which rtpengines there are: `rtpengine 192.0.2.1:2223,[2001:db8::1]:2223*2`. */
import { isIPv4, isIPv6 } from "node:net";

/** One of them. */
export interface RtpengineAddress {
  readonly host: string;
  /** Of its ng protocol, over UDP. */
  readonly port: number;
  /** Its share of calls beside the others', 1 to 100. */
  readonly weight: number;
}

const MAX_ENGINES = 32;

/** Undefined where it says anything else. `rtpengine` before them may be left out. */
export function parseRtpengines(text: string): readonly RtpengineAddress[] | undefined {
  const list = text.trim().replace(/^rtpengine /, "");
  const read = list.split(",").map((one) => parseOne(one.trim()));
  const all = read.flatMap((one) => one ?? []);
  return all.length === read.length && all.length <= MAX_ENGINES ? all : undefined;
}

function parseOne(text: string): RtpengineAddress | undefined {
  const [address = "", weightText = "1", ...rest] = text.split("*");
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, Math.max(0, colon));
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const isHost = bare === host ? isIPv4(host) : isIPv6(bare);
  const port = wholeNumber(address.slice(colon + 1), 65_535);
  const weight = wholeNumber(weightText, 100);
  if (!isHost || port === undefined || weight === undefined || rest.length > 0) return undefined;
  return { host: bare, port, weight };
}

/** From 1 on. */
function wholeNumber(text: string, most: number): number | undefined {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= most ? value : undefined;
}
