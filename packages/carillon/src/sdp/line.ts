/**
 * The lines of a session description, as tagged data. RFC 8866 §5.
 *
 * `kind` is the type letter of the RFC. A line of a letter that no RFC knows, and one whose value
 * is a known slip of others, is `other` and keeps its text.
 */

/** `v=`. Only version 0 exists. */
export interface VersionLine {
  readonly kind: "v";
}

/** `o=`. Who made the session, and which version of it this is. §5.2 */
export interface Origin {
  readonly kind: "o";
  readonly username: string;
  /** Digits: they go to 64 bits, which a number does not hold. */
  readonly sessionId: string;
  readonly sessionVersion: string;
  readonly netType: string;
  readonly addressType: string;
  readonly address: string;
}

/** `s= i= u= e= p=`: text for people, UTF-8 in octets unless `a=charset` says otherwise. */
export interface TextLine {
  readonly kind: "s" | "i" | "u" | "e" | "p";
  readonly text: string;
}

/** `c=`. Where media goes. §5.7 */
export interface Connection {
  readonly kind: "c";
  readonly netType: string;
  readonly addressType: string;
  /** Without ttl and count; an IPv6 address has no brackets here. */
  readonly address: string;
  /** Of an IPv4 multicast address, 0 to 255. */
  readonly ttl: number | undefined;
  /** Multicast addresses in a row from this one on, where that is told. */
  readonly count: number | undefined;
}

/** `b=`. kbit/s for AS and CT, bit/s for TIAS, RS and RR. §5.8 */
export interface Bandwidth {
  readonly kind: "b";
  readonly type: string;
  readonly bandwidth: number;
}

/** `t=`. Seconds since 1900 as digits, of any length. §5.9 */
export interface Timing {
  readonly kind: "t";
  readonly start: string;
  readonly stop: string;
}

/** `r=`. Times as written, such as `7d`; `typedSeconds` reads them. §5.10 */
export interface Repeat {
  readonly kind: "r";
  readonly interval: string;
  readonly duration: string;
  readonly offsets: readonly string[];
}

/** `z=`. §5.11 */
export interface Zone {
  readonly kind: "z";
  readonly adjustments: readonly { readonly time: string; readonly offset: string }[];
}

/** `k=`. Obsolete: read so that it can be told apart, and never used. §5.12 */
export interface Key {
  readonly kind: "k";
  readonly method: string;
  readonly key: string | undefined;
}

/** `a=`. A property has no value; `a=x:` has the empty one. §5.13 */
export interface Attribute {
  readonly kind: "a";
  readonly name: string;
  readonly value: string | undefined;
}

export interface OtherLine {
  readonly kind: "other";
  /** The type letter. */
  readonly type: string;
  readonly text: string;
}

export type Line =
  | VersionLine
  | Origin
  | TextLine
  | Connection
  | Bandwidth
  | Timing
  | Repeat
  | Zone
  | Key
  | Attribute
  | OtherLine;

/** A line as it is written, without its end. */
export function formatLine(line: Line): string {
  return `${line.kind === "other" ? line.type : line.kind}=${formatValue(line)}`;
}

function formatValue(line: Line): string {
  switch (line.kind) {
    case "v":
      return "0";
    case "o":
      return `${line.username} ${line.sessionId} ${line.sessionVersion} ${network(line)}`;
    case "c":
      return network(line) + slash(line.ttl) + slash(line.count);
    case "b":
      return `${line.type}:${line.bandwidth}`;
    case "t":
      return `${line.start} ${line.stop}`;
    case "r":
      return [line.interval, line.duration, ...line.offsets].join(" ");
    case "z":
      return line.adjustments.map(({ time, offset }) => `${time} ${offset}`).join(" ");
    case "k":
      return line.key === undefined ? line.method : `${line.method}:${line.key}`;
    case "a":
      return line.value === undefined ? line.name : `${line.name}:${line.value}`;
    default:
      return line.text;
  }
}

const network = ({ netType, addressType, address }: Origin | Connection): string =>
  `${netType} ${addressType} ${address}`;

const slash = (number: number | undefined): string => (number === undefined ? "" : `/${number}`);
