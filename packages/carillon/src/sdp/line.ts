/**
 * The lines of a session description, as tagged data. RFC 8866 §5.
 *
 * `kind` is the type letter of the RFC. A line of a letter that no RFC knows, and one whose value
 * is a known slip of others, is `other` and keeps its text.
 */

/** `v=`. Only version 0 exists. */
export interface VersionLine {
  /** The type letter. */
  readonly kind: "v";
}

/** `o=`. Who made the session, and which version of it this is. RFC 8866 §5.2 */
export interface Origin {
  /** The type letter. */
  readonly kind: "o";
  /** `-` where there is none; it may hold spaces. */
  readonly username: string;
  /** Digits: they go to 64 bits, which a number does not hold. */
  readonly sessionId: string;
  /** Digits, as `sessionId`: one more with every description that differs. RFC 3264 §8. */
  readonly sessionVersion: string;
  /** `IN` */
  readonly netType: string;
  /** `IP4` or `IP6`, as written. */
  readonly addressType: string;
  /** Of the machine that made the session; media goes to `c=`. */
  readonly address: string;
}

/**
 * `s= i= u= e= p=`: session name, information, URI, e-mail, phone; text for people, UTF-8 in octets
 * unless `a=charset` says otherwise. RFC 8866 §5.3 to §5.6
 */
export interface TextLine {
  /** The type letter. */
  readonly kind: "s" | "i" | "u" | "e" | "p";
  /** As written: octets. */
  readonly text: string;
}

/** `c=`. Where media goes. RFC 8866 §5.7 */
export interface Connection {
  /** The type letter. */
  readonly kind: "c";
  /** `IN` */
  readonly netType: string;
  /** `IP4` or `IP6`, as written. */
  readonly addressType: string;
  /** Without ttl and count; an IPv6 address has no brackets here. */
  readonly address: string;
  /** Of an IPv4 multicast address, 0 to 255. */
  readonly ttl: number | undefined;
  /** Multicast addresses in a row from this one on, where that is told. */
  readonly count: number | undefined;
}

/** `b=`. kbit/s for AS and CT, bit/s for TIAS, RS and RR. RFC 8866 §5.8 */
export interface Bandwidth {
  /** The type letter. */
  readonly kind: "b";
  /** `AS`, `CT`, `TIAS`, `RS`, `RR` or another, as written. */
  readonly type: string;
  /** A whole number from 0 on, in the unit of its type. */
  readonly bandwidth: number;
}

/** `t=`: seconds since 1900 as digits, of any length. RFC 8866 §5.9 */
export interface Timing {
  /** The type letter. */
  readonly kind: "t";
  /** `0` with a stop of `0`: a session without bounds, as those of SIP are. */
  readonly start: string;
  /** `0`: no end. */
  readonly stop: string;
}

/** `r=`. Times as written, such as `7d`; `typedSeconds` reads them. RFC 8866 §5.10 */
export interface Repeat {
  /** The type letter. */
  readonly kind: "r";
  /** From one repetition to the next. */
  readonly interval: string;
  /** How long each lasts. */
  readonly duration: string;
  /** From the start time of `t=`; at least one. */
  readonly offsets: readonly string[];
}

/** `z=`: when clocks change, for sessions that repeat. RFC 8866 §5.11 */
export interface Zone {
  /** The type letter. */
  readonly kind: "z";
  /** From each time on (as in `t=`), clocks differ by this offset, such as `-1h`. */
  readonly adjustments: readonly { readonly time: string; readonly offset: string }[];
}

/** `k=`. Obsolete: read so that it can be told apart, and never used. RFC 8866 §5.12 */
export interface Key {
  /** The type letter. */
  readonly kind: "k";
  /** `clear`, `base64`, `uri`, `prompt` or another. */
  readonly method: string;
  /** What follows the colon; undefined if there is none. */
  readonly key: string | undefined;
}

/** `a=`. A property has no value; `a=x:` has the empty one. RFC 8866 §5.13 */
export interface Attribute {
  /** The type letter. */
  readonly kind: "a";
  /** As written: case counts. */
  readonly name: string;
  /** What follows the colon, as written: octets. */
  readonly value: string | undefined;
}

/** A line that is kept and not understood, so that it is written as it came. */
export interface OtherLine {
  /** No type letter of the RFC. */
  readonly kind: "other";
  /** The type letter. */
  readonly type: string;
  /** What follows the `=`, as written: octets. */
  readonly text: string;
}

/** Any line but `m=`, told apart by `kind`. */
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
