/** A file as descriptions say it: which one, which part of it, for what. RFC 5547 §6. */
import { type FileHashAlgorithm, RunningHash } from "../auth/running-hash.ts";
import { fromText, toText } from "../grammar/octets.ts";
import { attributeLine, readAttribute } from "../sdp/attribute/attribute-type.ts";
import {
  type FileHash,
  type FileRange,
  type FileSelector,
  fileDisposition,
  fileRange,
  fileSelector,
  fileTransferId,
} from "../sdp/attribute/file-transfer.ts";
import type { Line } from "../sdp/line.ts";

/** What is said of a file in an offer, or in its answer. */
export interface FileSaid {
  /** The same in offer and answer. RFC 5547 §8.1. */
  readonly transferId: string;
  readonly selector: FileSelector;
  /** Undefined: all of it. */
  readonly range: FileRange | undefined;
  /** `attachment` or `render`; undefined where it is not told. */
  readonly disposition: string | undefined;
}

/** What lines say of a file; undefined where there is none. */
export function fileIn(lines: readonly Line[]): FileSaid | undefined {
  const selector = readAttribute(lines, fileSelector);
  const transferId = readAttribute(lines, fileTransferId);
  if (!selector || transferId === undefined) return undefined;
  return {
    ...{ transferId, selector, range: readAttribute(lines, fileRange) },
    disposition: readAttribute(lines, fileDisposition),
  };
}

/** The lines that say it. */
export const linesOf = (file: FileSaid): readonly Line[] => [
  attributeLine(fileSelector, file.selector),
  attributeLine(fileTransferId, file.transferId),
  ...(file.disposition === undefined ? [] : [attributeLine(fileDisposition, file.disposition)]),
  ...(file.range === undefined ? [] : [attributeLine(fileRange, file.range)]),
];

/**
 * A file's name for people and for disks: no folders, no control characters, and never one that
 * means a folder itself. What is left of nothing is `file`. At most 255 octets as UTF-8.
 */
export function safeName(said: string): string {
  const last = said.split(/[/\\]/).at(-1) ?? "";
  let name = "";
  for (const character of last) {
    const code = character.codePointAt(0) ?? 0;
    const isBad = code < 0x20 || (code >= 0x7f && code < 0xa0) || isDirectional(code);
    if (isBad || (code >= 0xd800 && code <= 0xdfff)) continue;
    if (fromText(name + character).length > 255) break;
    name += character;
  }
  name = name.trim();
  return name === "" || name === "." || name === ".." ? "file" : name;
}

/** What makes text read the other way round: `gnp.exe` would be shown as `exe.png`. */
const isDirectional = (code: number): boolean =>
  (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0x200f;

/** The name in a selector, as text and made safe. */
export const nameOf = ({ name }: FileSelector): string => safeName(toText(name ?? ""));

const ALGORITHMS: readonly FileHashAlgorithm[] = ["sha-1", "sha-256"];
/** What is read at a time to be hashed. */
const PIECE = 256 * 1024;

/** Octets that can be read: of a file, or of what there is of one. */
export type ReadOctets = (offset: number, length: number) => Uint8Array | Promise<Uint8Array>;

/** Hashes a file where the world can do that quicker: `72:24:5F:…`. */
export type HashFile = (algorithm: FileHashAlgorithm, size: number) => Promise<string>;

/** Both hashes of a file, read bit by bit. Rejects where less can be read than `size`. */
export async function hashesOf(
  read: ReadOctets,
  size: number,
  algorithms: readonly FileHashAlgorithm[] = ALGORITHMS,
): Promise<readonly FileHash[]> {
  const running = algorithms.map((algorithm) => ({ algorithm, hash: new RunningHash(algorithm) }));
  for (let at = 0; at < size; at += PIECE) {
    const wanted = Math.min(PIECE, size - at);
    const octets = await read(at, wanted);
    if (octets.length !== wanted) throw new Error("the file is shorter than it was said to be");
    for (const { hash } of running) hash.update(octets);
  }
  return running.map(({ algorithm, hash }) => ({ algorithm, value: spelt(hash.digest()) }));
}

/** `72:24:5F:…` */
function spelt(digest: Uint8Array): string {
  return Array.from(digest, (octet) => octet.toString(16).padStart(2, "0").toUpperCase()).join(":");
}

//= RFC 5547 §8.3.1
//# When the file transfer operation is complete, the file receiver computes the hash of the file
//# and SHOULD verify that it matches the hash declared in the SDP.
/** Whether a file is the one that was announced: by those of its hashes that are known here. */
export async function isAsSaid(
  { hashes, sizeBytes }: FileSelector,
  read: ReadOctets,
  size: number,
  hash: HashFile = (algorithm) => hashOf(algorithm, read, size),
): Promise<boolean> {
  if (sizeBytes !== undefined && sizeBytes !== size) return false;
  const known = hashes.filter(({ algorithm }) => isKnown(algorithm));
  if (known.length === 0) return true;
  for (const { algorithm, value } of known) {
    const own = await hash(algorithm.toLowerCase() as FileHashAlgorithm, size);
    if (own !== value) return false;
  }
  return true;
}

async function hashOf(
  algorithm: FileHashAlgorithm,
  read: ReadOctets,
  size: number,
): Promise<string> {
  const [own] = await hashesOf(read, size, [algorithm]);
  return own?.value ?? "";
}

const isKnown = (algorithm: string): boolean =>
  ALGORITHMS.some((one) => one === algorithm.toLowerCase());
