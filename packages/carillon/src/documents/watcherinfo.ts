/** Who watches somebody, and in which package. RFC 3858, with the states of RFC 3857 §4.7. */
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import { childrenOf, elementsOf, textOf, type XmlElement } from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { type Coherent, mergedRows } from "./coherent.ts";
import { badDocument, countOf, oneOf, readDocument } from "./read-document.ts";

/** Watchers, by what they watch. RFC 3858 §3. */
export interface WatcherInfo {
  /** Counts the documents of one subscription: from 0, by 1. RFC 3858 §4. */
  readonly version: number;
  /** Partial: only watchers that have changed. */
  readonly state: "full" | "partial";
  /** One for each resource and package, in the document's order. */
  readonly lists: readonly WatcherList[];
}

/** The watchers of one resource. RFC 3858 §3. */
export interface WatcherList {
  /** Whom they watch: a URI. */
  readonly resource: string;
  /** In which package: `presence`. */
  readonly package: string;
  /** In the document's order. Those that are over are told once, as `terminated`. */
  readonly watchers: readonly WatcherState[];
}

/** One who watches, or wants to. RFC 3858 §3. */
export interface WatcherState {
  /** The same in all documents of one subscription. */
  readonly id: string;
  /** Their address: a URI. */
  readonly uri: string;
  /** For people; empty where there is none. */
  readonly displayName: string;
  /**
   * `pending` until somebody says whether they may; `waiting` where they wait no more, and may
   * come again. RFC 3857 §4.7.1.
   */
  readonly status: "pending" | "active" | "waiting" | "terminated";
  /** What brought them there: `subscribe`, `approved`, `rejected`, `timeout`, … */
  readonly event: string;
  /** How long they have watched; undefined where it is not said. */
  readonly durationSeconds?: number | undefined;
  /** How long it still lasts; undefined where it is not said. */
  readonly expiresSeconds?: number | undefined;
}

const STATUSES = ["pending", "active", "waiting", "terminated"] as const;
const NAMESPACE = "urn:ietf:params:xml:ns:watcherinfo";
const SOURCE = "RFC 3858 §3";

/** The document's type, for Content-Type and Accept. RFC 3858 §3. */
export const WATCHERINFO_TYPE = "application/watcherinfo+xml";

/**
 * Reads one. A list or watcher without what it must have is passed over. RFC 3858 §3.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root, no version or no state.
 */
export function parseWatcherInfo(octets: Octets): Result<WatcherInfo> {
  const root = readDocument(octets, NAMESPACE, "watcherinfo", SOURCE);
  if (!root.ok) return root;
  const { attributes } = root.value;
  const version = countOf(attributes.get("version"));
  const state = oneOf(["full", "partial"], attributes.get("state"));
  if (version === undefined || state === undefined) {
    return badDocument("watchers without a version or state", SOURCE);
  }
  return ok({ version, state, lists: childrenOf(root.value, "watcher-list").flatMap(listOf) });
}

function listOf(of: XmlElement): readonly WatcherList[] {
  const [resource, name] = [of.attributes.get("resource"), of.attributes.get("package")];
  if (resource === undefined || name === undefined) return [];
  return [{ resource, package: name, watchers: childrenOf(of, "watcher").flatMap(watcherOf) }];
}

//= RFC 3858 §3
//# There are three mandatory attributes which MUST be present:
function watcherOf(of: XmlElement): readonly WatcherState[] {
  const { attributes } = of;
  const [id, event] = [attributes.get("id"), attributes.get("event")];
  const status = oneOf(STATUSES, attributes.get("status"));
  const uri = textOf(of);
  if (id === undefined || event === undefined || !status || uri === "") return [];
  return [
    {
      ...{ id, uri, status, event, displayName: attributes.get("display-name") ?? "" },
      durationSeconds: countOf(attributes.get("duration-subscribed")),
      expiresSeconds: countOf(attributes.get("expiration")),
    },
  ];
}

/** What is known after this document; `known` is undefined before the first. RFC 3858 §4. */
export function mergeWatcherInfo(
  known: WatcherInfo | undefined,
  next: WatcherInfo,
): Coherent<WatcherInfo> {
  const isFull = next.state === "full";
  //= RFC 3858 §4
  //# The version number MUST be initialized with the value of the "version" attribute from the
  //# "watcherinfo" element in the first document received.
  if (!known) return { kind: "New", value: { ...next, state: "full" }, isTorn: !isFull };
  //= RFC 3858 §4
  //# If the value in the document is less than the local version, the document is discarded without
  //# processing.
  if (next.version < known.version || (next.version === known.version && !isFull)) {
    return { kind: "Old" };
  }
  if (isFull) return { kind: "New", value: next, isTorn: false };
  //= RFC 3858 §4
  //# If the value in the document is more than one higher than the local version number, the local
  //# version number is set to the value in the new document, the document is processed, and the
  //# watcherinfo subscriber SHOULD generate a refresh request to trigger a full state notification.
  const isTorn = next.version > known.version + 1;
  const lists = [...known.lists];
  for (const list of next.lists) {
    const at = lists.findIndex((one) => isSame(one, list));
    if (at < 0) lists.push(list);
    else lists[at] = withChanges(lists[at] ?? list, list);
  }
  return { kind: "New", value: { version: next.version, state: "full", lists }, isTorn };
}

const isSame = (one: WatcherList, other: WatcherList): boolean =>
  one.resource === other.resource && one.package === other.package;

const withChanges = (known: WatcherList, next: WatcherList): WatcherList => ({
  ...known,
  watchers: mergedRows(known.watchers, next.watchers, ({ status }) => status === "terminated"),
});

/** Writes one, whole or partial as its `state` says. */
export function formatWatcherInfo({ version, state, lists }: WatcherInfo): Octets {
  const info = elementsOf(NAMESPACE);
  const all = lists.map((list) =>
    info(
      "watcher-list",
      { resource: list.resource, package: list.package },
      list.watchers.map(formatWatcher),
    ),
  );
  return formatXml(info("watcherinfo", { version: String(version), state }, all));
}

function formatWatcher(watcher: WatcherState): XmlElement {
  const { id, uri, displayName, status, event, durationSeconds, expiresSeconds } = watcher;
  const attributes = {
    ...{ id, status, event, "display-name": displayName === "" ? undefined : displayName },
    "duration-subscribed": text(durationSeconds),
    expiration: text(expiresSeconds),
  };
  return elementsOf(NAMESPACE)("watcher", attributes, [uri]);
}

const text = (number: number | undefined) => (number === undefined ? undefined : String(number));
