/** `a=dcmap` and `a=dcsa`: data channels negotiated in the description. RFC 8864 §5. */
import type { Octets } from "../../grammar/octets.ts";
import { MAX_LIST, MAX_PORT, MAX_UINT32 } from "../limits.ts";
import type { Attribute } from "../line.ts";
import { readAttributeText } from "../read-line.ts";
import { isHexDigits, readInteger } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** A data channel: what it is for, and how reliable it is. RFC 8864 §5.1. */
export interface Dcmap {
  /** The SCTP stream, 0 to 65535. */
  readonly streamId: number;
  /** What is spoken in it, such as `msrp`; empty if it is not told. Octets, escapes taken off. */
  readonly subprotocol: Octets;
  /** A name for it; empty if it is not told. Octets, escapes taken off. */
  readonly label: Octets;
  /** Whether messages come out in the order they went in; true if it is not told. */
  readonly ordered: boolean;
  /** How often a message is sent again; with it there is no `maxTimeMs`. Neither: reliable. */
  readonly maxRetransmits: number | undefined;
  /** How long a message is sent again; with it there is no `maxRetransmits`. */
  readonly maxTimeMs: number | undefined;
  /** 0 to 65535; 256 if it is not told. RFC 8864 §5.1.8. */
  readonly priority: number;
}

const DEFAULT_PRIORITY = 256;

/**
 * `a=dcmap`, one line for each data channel. RFC 8864 §5.1.1.
 *
 * `dcmap-value = dcmap-stream-id [ SP dcmap-opt *(";" dcmap-opt) ]`
 */
export const dcmap: AttributeType<Dcmap> = valueAttribute({
  name: "dcmap",
  source: "RFC 8864 §5.1.1",
  expected: "a stream's number and options",
  read: (text) => {
    const space = text.indexOf(" ");
    const streamId = readInteger(space < 0 ? text : text.slice(0, space), 0, MAX_PORT);
    const options = space < 0 ? new Map<string, string>() : readOptions(text.slice(space + 1));
    if (streamId === undefined || !options) return undefined;
    return readDcmap(streamId, options);
  },
  write: (map) => {
    const options = [
      ...(map.subprotocol === "" ? [] : [`subprotocol=${quoteOctets(map.subprotocol)}`]),
      ...(map.label === "" ? [] : [`label=${quoteOctets(map.label)}`]),
      ...(map.ordered ? [] : ["ordered=false"]),
      ...(map.maxRetransmits === undefined ? [] : [`max-retr=${map.maxRetransmits}`]),
      ...(map.maxTimeMs === undefined ? [] : [`max-time=${map.maxTimeMs}`]),
      ...(map.priority === DEFAULT_PRIORITY ? [] : [`priority=${map.priority}`]),
    ];
    return options.length === 0 ? `${map.streamId}` : `${map.streamId} ${options.join(";")}`;
  },
});

function readDcmap(streamId: number, options: ReadonlyMap<string, string>): Dcmap | undefined {
  const number = (name: string, max: number): number | undefined | null => {
    const text = options.get(name);
    return text === undefined ? undefined : (readInteger(text, 0, max) ?? null);
  };
  const maxRetransmits = number("max-retr", MAX_UINT32);
  const maxTimeMs = number("max-time", MAX_UINT32);
  const priority = number("priority", MAX_PORT);
  if (maxRetransmits === null || maxTimeMs === null || priority === null) return undefined;
  //= RFC 8864 §5.1.1
  //# Both parameters MUST NOT be present.
  if (maxRetransmits !== undefined && maxTimeMs !== undefined) return undefined;
  const subprotocol = unquoteOctets(options.get("subprotocol") ?? '""');
  const label = unquoteOctets(options.get("label") ?? '""');
  if (subprotocol === undefined || label === undefined) return undefined;
  // RFC 8864 §5.1.7: any value other than true and false is ignored, and true assumed.
  const ordered = options.get("ordered") !== "false";
  const limits = { maxRetransmits, maxTimeMs, priority: priority ?? DEFAULT_PRIORITY };
  return { streamId, subprotocol, label, ordered, ...limits };
}

/** Options between semicolons that are outside quotes; each name at most once. */
function readOptions(text: string): ReadonlyMap<string, string> | undefined {
  const options = new Map<string, string>();
  let isQuoted = false;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text.charCodeAt(i) === 0x22) isQuoted = !isQuoted;
    if (i < text.length && (isQuoted || text.charCodeAt(i) !== 0x3b)) continue;
    const option = text.slice(start, i);
    const equal = option.indexOf("=");
    const name = option.slice(0, Math.max(0, equal)).trim();
    if (name === "" || options.has(name) || options.size === MAX_LIST) return undefined;
    options.set(name, option.slice(equal + 1).trim());
    start = i + 1;
  }
  return isQuoted ? undefined : options;
}

/** `quoted-string = DQUOTE *(quoted-char / escaped-char) DQUOTE` */
function unquoteOctets(text: string): Octets | undefined {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return undefined;
  let out = "";
  for (let i = 1; i < text.length - 1; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x25) {
      const digits = text.slice(i + 1, i + 3);
      if (digits.length !== 2 || !isHexDigits(digits) || i + 3 > text.length - 1) return undefined;
      out += String.fromCharCode(Number.parseInt(digits, 16));
      i += 2;
    } else if (code < 0x20 || code > 0x7e || code === 0x22) return undefined;
    else out += text[i];
  }
  return out;
}

function quoteOctets(text: Octets): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isPlain = code >= 0x20 && code <= 0x7e && code !== 0x22 && code !== 0x25;
    out += isPlain ? text[i] : `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return `"${out}"`;
}

/** An attribute of what is spoken in a data channel. RFC 8864 §5.2. */
export interface Dcsa {
  /** The SCTP stream, 0 to 65535: that of a `dcmap`. */
  readonly streamId: number;
  /** What would be an attribute of the section, were the subprotocol not in a data channel. */
  readonly attribute: Attribute;
}

/** `a=dcsa`, any number of lines. `dcsa-value = stream-id SP attribute`. RFC 8864 §5.2.1. */
export const dcsa: AttributeType<Dcsa> = valueAttribute({
  name: "dcsa",
  source: "RFC 8864 §5.2.1",
  expected: "a stream's number and an attribute",
  read: (text) => {
    const space = text.indexOf(" ");
    const streamId = readInteger(text.slice(0, Math.max(0, space)), 0, MAX_PORT);
    const attribute = readAttributeText(text.slice(space + 1));
    return streamId === undefined || attribute?.kind !== "a" ? undefined : { streamId, attribute };
  },
  write: ({ streamId, attribute: { name, value } }) =>
    `${streamId} ${value === undefined ? name : `${name}:${value}`}`,
});
