/** What is said of a file, and how it is shown. */

import type { FileReference } from "carillon/documents";
import { plainName } from "../look/plain-name.ts";

export type FileKind = "Picture" | "Voice" | "Sound" | "Film" | "File";

/** A recording made here is named so; others show it as the sound that it is. */
export const VOICE_NAME = "voice-note";

/** What a browser draws without running anything: no SVG, which can be a whole document. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** By what its sender says it is. */
export function fileKind({ name, type }: Pick<FileReference, "name" | "type">): FileKind {
  const [media = ""] = type.toLowerCase().split(";", 1);
  if (PICTURES.has(media.trim())) return "Picture";
  if (media.startsWith("audio/")) return name.startsWith(VOICE_NAME) ? "Voice" : "Sound";
  return media.startsWith("video/") ? "Film" : "File";
}

export const fileName = ({ name }: Pick<FileReference, "name">): string => plainName(name, "File");

/** "640 bytes", "12 kB", "3.4 MB" */
export function sizeWords(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return "size not known";
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${Math.round(bytes)} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0);
  return `${text} ${units[unit]}`;
}

/** What everybody gets to read who shows no files: a line with the link. */
export const fileLine = (file: FileReference): string =>
  `${fileName(file)} (${sizeWords(file.size)}): ${file.url}`;

/**
 * Where it is fetched from, if it may be shown or offered at all: http and https only, of whatever
 * host. `isOwn` is the page's own house; from elsewhere nothing is loaded without being asked.
 */
export function fileAddress(url: string, origin: string): FileAddress | undefined {
  if (!URL.canParse(url)) return undefined;
  const address = new URL(url);
  if (address.protocol !== "http:" && address.protocol !== "https:") return undefined;
  if (address.username !== "" || address.password !== "") return undefined;
  const isOwn = address.origin === origin;
  const { pathname } = address;
  const shown = isOwn ? address.href : KEPT.test(pathname) ? origin + pathname : undefined;
  return { href: address.href, isOwn, shown };
}

export interface FileAddress {
  /** As it was told. */
  readonly href: string;
  /** Whether that is where this page is from. */
  readonly isOwn: boolean;
  /** Where this page can have it: a house has several addresses, and what it keeps is at each. */
  readonly shown: string | undefined;
}

/** What the house keeps is named by 128 random bits: no other file has such an address here. */
const KEPT = /^\/f\/[0-9a-f]{32}\/[^/]+$/;

/** Minutes and seconds of a recording: "0:07". */
export function lengthWords(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–:––";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
