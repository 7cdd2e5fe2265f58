/** Lists of addresses: those in a group, those a message is for. RFC 4826 §3, RFC 5364. */
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import { childrenOf, elementsOf, textIn, type XmlElement } from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { badDocument, booleanOf, oneOf, readDocument } from "./read-document.ts";

/** One list. What it takes from elsewhere (`entry-ref`, `external`) is not read. RFC 4826 §3.1. */
export interface ResourceList {
  /** Tells it from its neighbours; undefined where there is none. */
  readonly name: string | undefined;
  /** For people; undefined where there is none. */
  readonly displayName: string | undefined;
  /** In order; those of lists within it are in `lists`. */
  readonly entries: readonly ResourceEntry[];
  /** Lists within it. */
  readonly lists: readonly ResourceList[];
}

/** One address in a list. RFC 4826 §3.1. */
export interface ResourceEntry {
  /** Not looked into. */
  readonly uri: string;
  /** For people; undefined where there is none. */
  readonly displayName?: string | undefined;
  /** What they are to a message; undefined where it is not said. RFC 5364 §3. */
  readonly copyControl?: CopyControl | undefined;
  /** The others are not told of this address. RFC 5364 §4. */
  readonly isAnonymous?: boolean;
}

/** An addressee, one who gets a copy, one of whom nobody knows. RFC 5364 §3. */
export type CopyControl = "to" | "cc" | "bcc";

const NAMESPACE = "urn:ietf:params:xml:ns:resource-lists";
const COPY_CONTROL = "urn:ietf:params:xml:ns:copycontrol";
const SOURCE = "RFC 4826 §3";
/** Entries of one document, those of all lists in it. */
const MAX_ENTRIES = 1000;
/** Lists within lists. */
const MAX_DEPTH = 8;
const CONTROLS: readonly CopyControl[] = ["to", "cc", "bcc"];

/** The document's type, for Content-Type and Accept. RFC 4826 §3.4.2. */
export const RESOURCE_LISTS_TYPE = "application/resource-lists+xml";

/**
 * Reads the lists of a document. RFC 4826 §3. An address that stands in a list twice is read once.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root, an entry without an address,
 * two lists of one name beside each other, over 1,000 entries or 8 levels.
 */
export function parseResourceLists(octets: Octets): Result<readonly ResourceList[]> {
  const root = readDocument(octets, NAMESPACE, "resource-lists", SOURCE);
  if (!root.ok) return root;
  const lists = listsIn(root.value, { entries: MAX_ENTRIES }, MAX_DEPTH);
  return typeof lists === "string" ? badDocument(lists, SOURCE) : ok(lists);
}

interface Left {
  entries: number;
}

/** What is wrong with them, or the lists. */
function listsIn(parent: XmlElement, left: Left, depth: number): readonly ResourceList[] | string {
  const elements = childrenOf(parent, "list");
  if (elements.length > 0 && depth === 0) return `over ${MAX_DEPTH} levels of lists`;
  const names = elements.flatMap(({ attributes }) => attributes.get("name") ?? []);
  //= RFC 4826 §3.1
  //# When present, it MUST be unique amongst all other <list> elements within the same parent
  //# element.
  if (new Set(names).size < names.length) return "two lists of one name";
  const lists: ResourceList[] = [];
  for (const element of elements) {
    const entries = entriesIn(element, left);
    const within = listsIn(element, left, depth - 1);
    if (typeof entries === "string") return entries;
    if (typeof within === "string") return within;
    const name = element.attributes.get("name");
    lists.push({ name, displayName: textIn(element, "display-name"), entries, lists: within });
  }
  return lists;
}

function entriesIn(list: XmlElement, left: Left): readonly ResourceEntry[] | string {
  const entries: ResourceEntry[] = [];
  const seen = new Set<string>();
  for (const element of childrenOf(list, "entry")) {
    const uri = element.attributes.get("uri")?.trim() ?? "";
    if (uri === "") return "an entry without an address";
    if (left.entries-- === 0) return `over ${MAX_ENTRIES} entries`;
    if (seen.has(uri)) continue;
    seen.add(uri);
    const control = element.attributes.get(`{${COPY_CONTROL}}copyControl`);
    const copyControl = oneOf(CONTROLS, control);
    const isAnonymous = booleanOf(element.attributes.get(`{${COPY_CONTROL}}anonymize`)) === true;
    const displayName = textIn(element, "display-name");
    entries.push({
      uri,
      ...(displayName !== undefined && { displayName }),
      ...(copyControl && { copyControl }),
      ...(isAnonymous && { isAnonymous }),
    });
  }
  return entries;
}

/** Writes a document of these lists: of entries with one address the first. */
export function formatResourceLists(lists: readonly ResourceList[]): Octets {
  const element = elementsOf(NAMESPACE);
  const named = (displayName: string | undefined) =>
    displayName === undefined ? undefined : element("display-name", {}, [displayName]);
  const entryOf = ({ uri, displayName, copyControl, isAnonymous }: ResourceEntry) =>
    element(
      "entry",
      {
        uri,
        [`{${COPY_CONTROL}}copyControl`]: copyControl,
        [`{${COPY_CONTROL}}anonymize`]: isAnonymous ? "true" : undefined,
      },
      [named(displayName)],
    );
  const listOf = ({ name, displayName, entries, lists: within }: ResourceList): XmlElement =>
    element("list", { name }, [
      named(displayName),
      ...once(entries).map(entryOf),
      ...within.map(listOf),
    ]);
  return formatXml(element("resource-lists", {}, lists.map(listOf)), { [COPY_CONTROL]: "cp" });
}

//= RFC 4826 §3.1
//# The "uri" attribute MUST be unique amongst all other "uri" attributes in <entry> elements within
//# the same parent.
function once(entries: readonly ResourceEntry[]): readonly ResourceEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ uri }) => !seen.has(uri) && seen.add(uri));
}
