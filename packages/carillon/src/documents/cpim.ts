/** Messages with the headers that go from end to end: message/cpim. RFC 3862. */
import { formatDateTime, readDateTime } from "../grammar/date-time.ts";
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { escapeCpim, unescapeCpim } from "./cpim-escape.ts";

/** A message with headers of its own, which go from end to end. RFC 3862 §2. */
export interface CpimMessage {
  /** Who wrote it; undefined where it does not say. */
  readonly from: CpimAddress | undefined;
  /** Whom it is for; empty where it does not say. */
  readonly to: readonly CpimAddress[];
  /** When it was sent; undefined where it does not say, or says no date of RFC 3339. */
  readonly dateTime: Date | undefined;
  /** For people, its escapes taken off: the first one, whatever its language. */
  readonly subject: string | undefined;
  /** Those of other namespaces, as they came: NS headers are read and not among them. */
  readonly extensions: readonly CpimExtension[];
  /** Names that whoever reads it has to understand. */
  readonly require: readonly string[];
  /** Of the content: `Content-Type` and its like, by name in lower case. */
  readonly contentHeaders: ReadonlyMap<string, Octets>;
  /** Octets, as the content headers say they are encoded; empty where nothing follows them. */
  readonly content: Octets;
}

/** `name <uri>`. RFC 3862 §3.6 (`Formal-name`). */
export interface CpimAddress {
  /** For people, without its quotes; empty where there is none. */
  readonly name: string;
  /** Without the brackets, and not looked into. */
  readonly uri: string;
}

/** A header of another namespace, such as those of IMDN. RFC 3862 §3.4. */
export interface CpimExtension {
  /** `urn:ietf:params:imdn` */
  readonly namespace: string;
  /** Without its prefix, as written: case counts. */
  readonly name: string;
  /** As text, its escapes taken off. RFC 3862 §2.3. */
  readonly value: string;
}

/** The type of such a message, for Content-Type and Accept. RFC 3862 §2.1. */
export const CPIM_TYPE = "message/cpim";
const CPIM = "urn:ietf:params:cpim-headers:";
const SOURCE = "RFC 3862 §3.6";
/** Headers of one message. */
const MAX_HEADERS = 64;

interface Field {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads a message with its own headers and the type of its content. RFC 3862 §3.
 *
 * Errors (400): `bad-cpim` for a header that is none, over 64 of them, an address that is none, a
 * prefix that is not declared, or content without a type.
 */
export function parseCpim(octets: Octets): Result<CpimMessage> {
  const end = octets.indexOf("\r\n\r\n");
  const content = end < 0 ? undefined : contentOf(octets, end + 4);
  const fields = end < 0 ? undefined : fieldsOf(octets.slice(0, end));
  if (!content || !fields) return fail("not headers, an empty line, and content with a type");
  const resolved = resolve(fields);
  if (!resolved) return fail("a prefix that is not declared before it is used");
  const plain = (name: string): string | undefined =>
    resolved.find((one) => one.namespace === CPIM && one.name === name)?.value;
  const all = (name: string) =>
    resolved.filter((one) => one.namespace === CPIM && one.name === name);
  const from = plain("From");
  const sender = from === undefined ? undefined : addressOf(from);
  const to = all("To").map(({ value }) => addressOf(value));
  if ((from !== undefined && !sender) || to.includes(undefined)) return fail("not an address");
  const dateMs = readDateTime(plain("DateTime") ?? "");
  return ok({
    from: sender,
    to: to.filter((one) => one !== undefined),
    dateTime: dateMs === undefined ? undefined : new Date(dateMs),
    subject: plain("Subject"),
    extensions: resolved.filter(({ namespace }) => namespace !== CPIM),
    require: all("Require").flatMap(({ value }) => value.split(",").map((one) => one.trim())),
    ...content,
  });
}

const fail = (what: string) => bad("bad-cpim", what, 0, SOURCE);

//= RFC 3862 §2.2
//# There MUST be a single space character (32) following the header name and colon.
/** `Header = Header-name ":" *( ";" Parameter ) SP Header-value CRLF`, without the parameters. */
function fieldsOf(section: Octets): readonly Field[] | undefined {
  const lines = section.split("\r\n");
  if (lines.length > MAX_HEADERS) return undefined;
  const fields: Field[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const space = line[colon + 1] === ";" ? line.indexOf(" ", colon) : colon + 1;
    if (!isName(name) || line[space] !== " ") return undefined;
    fields.push({ name, value: unescapeCpim(toText(line.slice(space + 1))) });
  }
  return fields;
}

/** `Header-name = [ Name-prefix "." ] Name` */
const isName = (text: string): boolean =>
  /^[A-Za-z0-9!#$%&'*+\-^_`|~]+(\.[A-Za-z0-9!#$%&'*+\-^_`|~]+)?$/.test(text);

//= RFC 3862 §3.4
//# A namespace prefix declaration MUST precede any use of that prefix.
function resolve(fields: readonly Field[]): readonly CpimExtension[] | undefined {
  const namespaces = new Map([["", CPIM]]);
  const resolved: CpimExtension[] = [];
  for (const { name, value } of fields) {
    if (name === "NS") {
      const declared = /^([^\s<>]*)\s?<([^<>]+)>$/.exec(value);
      if (!declared) return undefined;
      namespaces.set(declared[1] ?? "", declared[2] ?? "");
      continue;
    }
    const dot = name.indexOf(".");
    const namespace = namespaces.get(name.slice(0, Math.max(0, dot)));
    if (namespace === undefined) return undefined;
    resolved.push({ namespace, name: name.slice(dot + 1), value });
  }
  return resolved;
}

/** `[ Formal-name ] "<" URI ">"` */
function addressOf(value: string): CpimAddress | undefined {
  const start = value.lastIndexOf("<");
  if (start < 0 || !value.endsWith(">") || start + 2 >= value.length) return undefined;
  const name = value.slice(0, start).trim();
  const isQuoted = name.length > 1 && name.startsWith('"') && name.endsWith('"');
  return { name: isQuoted ? name.slice(1, -1) : name, uri: value.slice(start + 1, -1) };
}

/** What stands behind the headers: MIME headers and what they are about. */
function contentOf(
  octets: Octets,
  start: number,
): Pick<CpimMessage, "contentHeaders" | "content"> | undefined {
  const end = octets.indexOf("\r\n\r\n", start);
  const lines = octets.slice(start, end < 0 ? octets.length : end).split("\r\n");
  const headers = new Map<string, Octets>();
  if (lines.length > MAX_HEADERS) return undefined;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (!isName(name) || headers.has(name)) return undefined;
    headers.set(name, line.slice(colon + 1).trim());
  }
  //= RFC 3862 §2.4
  //# The MIME content headers MUST include at least a Content-Type header.
  if (!headers.has("content-type")) return undefined;
  return { contentHeaders: headers, content: end < 0 ? "" : octets.slice(end + 4) };
}

/** The values of an extension's headers of this name, in order. RFC 3862 §3.4. */
export const extensionsOf = (
  { extensions }: CpimMessage,
  namespace: string,
  name: string,
): readonly string[] =>
  extensions.filter((one) => one.namespace === namespace && one.name === name).map((o) => o.value);

/** What a message is written from. */
export interface CpimToWrite {
  /** Who writes it. */
  readonly from: CpimAddress;
  /** Whom it is for: a single one. */
  readonly to: CpimAddress;
  /** When it is sent; without it nothing is said. */
  readonly dateTime?: Date;
  /** Headers of other namespaces, in order; each namespace needs an entry in `prefixes`. */
  readonly extensions?: readonly CpimExtension[];
  /** A prefix for each namespace among the extensions. */
  readonly prefixes?: Readonly<Record<string, string>>;
  /** In order; `Content-Type` has to be among them, or nobody can read it. RFC 3862 §2.4. */
  readonly contentHeaders: readonly (readonly [name: string, value: Octets])[];
  /** Octets, encoded as the content headers say: text as UTF-8, by `fromText`. */
  readonly content: Octets;
}

/**
 * Writes one. Throws a RangeError on a name that is none, a namespace without a prefix, a line end
 * in a content header, and a date outside of the years 0 to 9999.
 */
export function formatCpim(message: CpimToWrite): Octets {
  const { from, to, dateTime, extensions = [], prefixes = {}, contentHeaders } = message;
  const lines = [`From: ${formatAddress(from)}`, `To: ${formatAddress(to)}`];
  if (dateTime) lines.push(`DateTime: ${formatDateTime(dateTime.getTime())}`);
  for (const namespace of new Set(extensions.map((one) => one.namespace))) {
    lines.push(`NS: ${prefixes[namespace]} <${namespace}>`);
  }
  for (const { namespace, name, value } of extensions) {
    const full = `${prefixes[namespace]}.${name}`;
    if (prefixes[namespace] === undefined || !isName(full))
      throw new RangeError(`no name: ${full}`);
    lines.push(`${full}: ${escapeCpim(value)}`);
  }
  const mime = contentHeaders.map(([name, value]) => {
    if (!isName(name) || /[\r\n\0]/.test(value)) throw new RangeError(`no header: ${name}`);
    return `${name}: ${value}`;
  });
  const head = [...lines.map(fromText), "", ...mime, "", ""].join("\r\n");
  return head + message.content;
}

function formatAddress({ name, uri }: CpimAddress): string {
  const plain = uri.replaceAll(/[<>\r\n\0]/g, "");
  if (name === "") return `<${plain}>`;
  //= RFC 3862 §2.3.1
  //# The special sequence \" MUST be used for any occurrence of a double quote (U+0022) that
  //# appears within a string delimited by double quotes.
  return `"${escapeCpim(name).replaceAll('"', '\\"')}" <${plain}>`;
}
