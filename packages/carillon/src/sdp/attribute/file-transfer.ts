/** A file offered or asked for: `a=file-selector` and the like. RFC 5547 §6. */
import type { Octets } from "../../grammar/octets.ts";
import { ok } from "../../grammar/result.ts";
import { MAX_LIST } from "../limits.ts";
import { isByteString, isHexDigits, isNonWs, isSdpToken, readInteger } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** Which file is meant: what is said of it, of which nothing has to be. RFC 5547 §6. */
export interface FileSelector {
  /** UTF-8, escapes taken off. From the peer: never a path to open. */
  readonly name: Octets | undefined;
  /** Undefined if it is not told. */
  readonly sizeBytes: number | undefined;
  /** A media type with its parameters, as written. */
  readonly type: string | undefined;
  /** Of its content; empty if none is told. */
  readonly hashes: readonly FileHash[];
}

/** A hash of a file's content. RFC 5547 §6. */
export interface FileHash {
  /** `sha-1` or another, as written. */
  readonly algorithm: string;
  /** Upper-case hexadecimal bytes between colons. */
  readonly value: string;
}

const selectors: AttributeType<FileSelector> = valueAttribute({
  name: "file-selector",
  source: "RFC 5547 §6",
  expected: "name, size, type or hash",
  read: readFileSelector,
  write: ({ name, sizeBytes, type, hashes }) =>
    [
      ...(name === undefined ? [] : [`name:"${escapeName(name)}"`]),
      ...(type === undefined ? [] : [`type:${type}`]),
      ...(sizeBytes === undefined ? [] : [`size:${sizeBytes}`]),
      ...hashes.map(({ algorithm, value }) => `hash:${algorithm}:${value}`),
    ].join(" "),
});

/**
 * `a=file-selector`: `file-selector-attr = "file-selector" [":" selector *(SP selector)]`. Without
 * a selector it says that file transfer is understood. RFC 5547 §6.
 */
export const fileSelector: AttributeType<FileSelector> = {
  ...selectors,
  parse: (text) => (text === undefined ? ok(NO_SELECTOR) : selectors.parse(text)),
  format: (value) => selectors.format(value) || undefined,
};

const NO_SELECTOR: FileSelector = {
  name: undefined,
  sizeBytes: undefined,
  type: undefined,
  hashes: [],
};

function readFileSelector(text: string): FileSelector | undefined {
  let [name, sizeBytes, type]: [Octets?, number?, string?] = [];
  const hashes: FileHash[] = [];
  for (const selector of splitSelectors(text) ?? [""]) {
    const colon = selector.indexOf(":");
    const value = selector.slice(colon + 1);
    switch (selector.slice(0, Math.max(0, colon))) {
      case "name":
        if (name !== undefined) return undefined;
        name = readName(value);
        if (name === undefined) return undefined;
        break;
      case "size":
        if (sizeBytes !== undefined) return undefined;
        sizeBytes = readInteger(value, 0, Number.MAX_SAFE_INTEGER);
        if (sizeBytes === undefined) return undefined;
        break;
      case "type":
        if (type !== undefined || !value.includes("/")) return undefined;
        type = value;
        break;
      case "hash": {
        const hash = readHash(value);
        if (!hash) return undefined;
        hashes.push(hash);
        break;
      }
      default:
        return undefined;
    }
  }
  return { name, sizeBytes, type, hashes };
}

/** Selectors between spaces that are outside quotes. */
function splitSelectors(text: string): readonly string[] | undefined {
  const selectors: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text.charCodeAt(i) === 0x22) isQuoted = !isQuoted;
    if (i < text.length && (isQuoted || text.charCodeAt(i) !== 0x20)) continue;
    selectors.push(text.slice(start, i));
    start = i + 1;
  }
  return isQuoted || selectors.length > MAX_LIST ? undefined : selectors;
}

function readName(text: string): Octets | undefined {
  if (text.length < 3 || !text.startsWith('"') || text.indexOf('"', 1) !== text.length - 1) {
    return undefined;
  }
  let out = "";
  for (let i = 1; i < text.length - 1; i++) {
    if (text[i] !== "%") out += text[i];
    else {
      const digits = text.slice(i + 1, Math.min(i + 3, text.length - 1));
      if (digits.length !== 2 || !isHexDigits(digits)) return undefined;
      out += String.fromCharCode(Number.parseInt(digits, 16));
      i += 2;
    }
  }
  return out;
}

//= RFC 5547 §6
//# If a file name contains double quotes or any other character that the syntax does not allow in
//# the 'name' selector, they MUST be percent-encoded.
function escapeName(name: Octets): string {
  let out = "";
  for (let i = 0; i < name.length; i++) {
    const character = name.charAt(i);
    const isPlain = isByteString(character) && !'"%/\\:'.includes(character);
    const hex = name.charCodeAt(i).toString(16).toUpperCase();
    out += isPlain ? character : `%${hex.padStart(2, "0")}`;
  }
  return out;
}

function readHash(text: string): FileHash | undefined {
  const colon = text.indexOf(":");
  const algorithm = text.slice(0, Math.max(0, colon));
  const value = text.slice(colon + 1).toUpperCase();
  const bytes = value.split(":", MAX_LIST + 1);
  if (!isSdpToken(algorithm) || bytes.length > MAX_LIST) return undefined;
  const areBytes = bytes.every((byte) => byte.length === 2 && isHexDigits(byte));
  return areBytes ? { algorithm, value } : undefined;
}

/**
 * `a=file-transfer-id`: the same for all attempts at one transfer. `file-tr-id-value = token`.
 * RFC 5547 §6.
 */
export const fileTransferId: AttributeType<string> = tokenAttribute("file-transfer-id");

/** `a=file-disposition`: `attachment` or `render`. `file-disp-value = token`. RFC 5547 §6. */
export const fileDisposition: AttributeType<string> = tokenAttribute("file-disposition");

function tokenAttribute(name: string): AttributeType<string> {
  return valueAttribute({
    name,
    source: "RFC 5547 §6",
    expected: "a token",
    read: (text) => (isSdpToken(text) ? text : undefined),
    write: String,
  });
}

/**
 * `a=file-icon`: a body part with a small picture of it. `file-icon-value = cid-url`.
 * RFC 5547 §6.
 */
export const fileIcon: AttributeType<string> = valueAttribute({
  name: "file-icon",
  source: "RFC 5547 §6",
  expected: "a cid URL",
  read: (text) => (text.startsWith("cid:") && isNonWs(text) ? text : undefined),
  write: String,
});

/** Which part of a file is transferred, both ends of it within. RFC 5547 §6. */
export interface FileRange {
  /** The first octet is 1. */
  readonly start: number;
  /** Undefined: to the end, which is `*`. */
  readonly stop: number | undefined;
}

/** `a=file-range`: `file-range-attr = "file-range:" start-offset "-" stop-offset`. RFC 5547 §6. */
export const fileRange: AttributeType<FileRange> = valueAttribute({
  name: "file-range",
  source: "RFC 5547 §6",
  expected: "two positions from 1 on",
  read: (text) => {
    const [from = "", to = "", ...rest] = text.split("-", 3);
    const start = readInteger(from, 1, Number.MAX_SAFE_INTEGER);
    const stop = to === "*" ? undefined : readInteger(to, 1, Number.MAX_SAFE_INTEGER);
    if (start === undefined || (to !== "*" && stop === undefined) || rest.length > 0) {
      return undefined;
    }
    return stop !== undefined && stop < start ? undefined : { start, stop };
  },
  write: ({ start, stop }) => `${start}-${stop ?? "*"}`,
});

/** When things happened to a file, each an RFC 5322 date as text; undefined if it is not told. */
export interface FileDate {
  /** When it was made. */
  readonly creation: string | undefined;
  /** When it was last changed. */
  readonly modification: string | undefined;
  /** When it was last read. */
  readonly read: string | undefined;
}

/** `a=file-date`: `file-date-attr = "file-date:" date-param *(SP date-param)`. RFC 5547 §6. */
export const fileDate: AttributeType<FileDate> = valueAttribute({
  name: "file-date",
  source: "RFC 5547 §6",
  expected: "creation, modification or read, each a quoted date",
  read: (text) => {
    const dates = new Map<string, string>();
    for (const param of splitSelectors(text) ?? [""]) {
      const colon = param.indexOf(":");
      const name = param.slice(0, Math.max(0, colon));
      const date = readName(param.slice(colon + 1));
      if (date === undefined || dates.has(name) || !DATES.includes(name)) return undefined;
      dates.set(name, date);
    }
    const [creation, modification, read] = DATES.map((name) => dates.get(name));
    return { creation, modification, read };
  },
  write: ({ creation, modification, read }) =>
    [creation, modification, read]
      .flatMap((date, i) => (date === undefined ? [] : [`${DATES[i]}:"${date}"`]))
      .join(" "),
});

const DATES: readonly string[] = ["creation", "modification", "read"];
