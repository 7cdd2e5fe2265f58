/** What a message says, as a journal keeps it: text, or octets in base64. */
import { fromBase64url, toBase64url } from "../auth/base64url.ts";
import { fromBytes, fromText, type Octets, toBytes, toText } from "../grammar/octets.ts";
import { type MediaType, parseContentType } from "../message/header/content-type.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** What a message says. */
export interface Content {
  /** With its parameters; text is UTF-8, whatever it came as. */
  readonly contentType: string;
  /** Text where the type is `text/…`, otherwise base64. */
  readonly body: string;
  readonly encoding?: "base64";
}

/** What is kept for people to see. Anything else is a 415. */
export const KEPT_TYPES: readonly string[] = ["text", "image", "audio", "video"];
const MAX_CONTENT_TYPE = 256;
const CHARSETS: ReadonlySet<string> = new Set(["utf-8", "us-ascii", "iso-8859-1"]);
const PLAIN_ENCODINGS: ReadonlySet<string> = new Set(["7bit", "8bit", "binary"]);

/** Reads octets of this type. Refused (415): a type that nobody can be shown. */
export function contentOf(
  contentType: Octets,
  body: Octets,
  transferEncoding: Octets | undefined,
): Content | Refusal {
  const type = parseContentType(contentType);
  if (!type.ok) return refusal(400, type.error.message);
  if (contentType.length > MAX_CONTENT_TYPE) return refusal(400, "a Content-Type that is too long");
  if (!KEPT_TYPES.includes(type.value.type)) {
    return refusal(415, `a message cannot be ${type.value.type}/${type.value.subtype}`);
  }
  const octets = decoded(body, transferEncoding?.trim().toLowerCase() ?? "binary");
  if (octets === undefined) return refusal(415, "an encoding of the content that is not known");
  return type.value.type === "text"
    ? textOf(type.value, contentType, octets)
    : binary(type.value, octets);
}

function decoded(body: Octets, encoding: string): Octets | undefined {
  if (PLAIN_ENCODINGS.has(encoding)) return body;
  return encoding === "base64" ? fromBase64(body.replaceAll(/\s/g, "")) : undefined;
}

function textOf(type: MediaType, contentType: Octets, octets: Octets): Content | Refusal {
  const charset = (type.params.get("charset") ?? "utf-8").toLowerCase();
  if (!CHARSETS.has(charset)) return refusal(415, `text in ${charset} cannot be read here`);
  const isLatin1 = charset === "iso-8859-1";
  return {
    contentType: isLatin1 ? `text/${type.subtype};charset=UTF-8` : toText(contentType.trim()),
    body: isLatin1 ? octets : toText(octets),
  };
}

const binary = ({ type, subtype }: MediaType, octets: Octets): Content => ({
  ...{ contentType: `${type}/${subtype}`, body: toBase64(octets), encoding: "base64" },
});

/** The octets that a content was made of; undefined where it is no base64. */
export const octetsOf = ({ body, encoding }: Content): Octets | undefined =>
  encoding === "base64" ? fromBase64(body) : fromText(body);

/** Base64 with padding. RFC 4648 §4. */
export function toBase64(octets: Octets): string {
  const text = toBase64url(toBytes(octets)).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

function fromBase64(text: string): Octets | undefined {
  const bare = text
    .replace(/={1,2}$/, "")
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  const bytes = fromBase64url(bare);
  return bytes && fromBytes(bytes);
}
