/** A file that lies on a server, as a chat message names it. */
import { type Check, countOf, jsonIn, objectOf, textOf } from "./json-fields.ts";

/** A file that lies on a server, and where it is to be had. */
export interface FileReference {
  /** `https://…`, 1 to 2,048 characters; nobody has looked into it. */
  readonly url: string;
  /** For people: as its sender calls it, 1 to 255 characters. Never to be used as a path. */
  readonly name: string;
  /** In octets. */
  readonly size: number;
  /** Its media type, 1 to 128 characters: `image/jpeg`. */
  readonly type: string;
  /** Of its octets, behind the algorithm's name, up to 256 characters: `sha-256:72…`. */
  readonly hash?: string;
}

const MAX_TEXT = 4096;

export const fileReferenceIn: Check<FileReference> = objectOf<FileReference>({
  url: textOf(2048, 1),
  name: textOf(255, 1),
  size: countOf,
  type: textOf(128, 1),
  hash: { optional: textOf(256, 1) },
});

/** Reads one out of JSON. Undefined for what is none, or over its limits. */
export const parseFileReference = (text: string): FileReference | undefined =>
  text.length > MAX_TEXT ? undefined : fileReferenceIn(jsonIn(text));

/** Writes one as JSON, its fields alone. */
export const formatFileReference = ({ url, name, size, type, hash }: FileReference): string =>
  JSON.stringify({ url, name, size, type, hash });
