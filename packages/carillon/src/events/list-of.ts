/** The states of all on a list, from one subscription to it. RFC 4662. */
import { MAX_ROWS } from "../documents/coherent.ts";
import type { DialogInfo } from "../documents/dialog-info.ts";
import type { Presence } from "../documents/pidf.ts";
import { type ListedResource, parseRlmi, RLMI_TYPE, type Rlmi } from "../documents/rlmi.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { isMediaType, type MediaType } from "../message/header/content-type.ts";
import { type BodyPart, parseMultipart } from "../message/multipart.ts";
import type { EventPackage, EventReader } from "./event-package.ts";
import { dialogs, presence } from "./packages.ts";

/** One on a list. */
export interface Listed<T> {
  /** As the list has it: `sip:bob@example.com`. */
  readonly uri: string;
  /** What the list calls them; empty where it does not. */
  readonly name: string;
  /** `unknown` while nothing has been heard of them. RFC 4662 §5.5. */
  readonly state: "unknown" | "active" | "pending" | "terminated";
  /** Why it is terminated: `rejected`, `noresource`, … */
  readonly reason: string | undefined;
  /** As it was told last; undefined where it was not, or is not any more. */
  readonly value: T | undefined;
}

/** All on a list, by URI, in its order. */
export type List<T> = ReadonlyMap<string, Listed<T>>;

/** A package as it reads where a list is subscribed to: `listOf(presence)`. RFC 4662. */
export const listOf = <T>(pack: EventPackage<T>): EventPackage<List<T>> => ({
  event: pack.event,
  //= RFC 4662 §4.3
  //# An implementation compliant to this specification MUST support the multipart/related and
  //# application/rlmi+xml MIME types. These types MUST be included in an Accept header sent in a
  //# SUBSCRIBE message, in addition to any other types supported by the client (including any types
  //# required by the event package being used).
  accept: ["multipart/related", RLMI_TYPE, ...pack.accept],
  supported: ["eventlist"],
  expiresSeconds: pack.expiresSeconds,
  //= RFC 4662 §4.7
  //# Therefore, a subscriber to a list MUST NOT install multiple subscriptions when the initial
  //# request is forked.
  forks: false,
  minGapMs: pack.minGapMs,
  reader: () => new ListReader(pack).read,
});

interface Row<T> {
  readonly listed: Listed<T>;
  readonly reader: EventReader<T>;
}

class ListReader<T> {
  readonly #pack: EventPackage<T>;
  #rows = new Map<string, Row<T>>();
  #version: number | undefined;

  constructor(pack: EventPackage<T>) {
    this.#pack = pack;
  }

  readonly read: EventReader<List<T>> = (body, type) => {
    const parts = partsOf(body, type);
    if (!parts.ok) return parts;
    const { root, others } = parts.value;
    const known = this.#version;
    if (isOld(known, root)) return ok({ kind: "Old" });
    //= RFC 4662 §5.6.2
    //# If the version in the document is more than one higher than the local version number, the
    //# local version number is set to the value in the new document, and the document is processed
    //# as described below. The list subscriber SHOULD also generate a refresh request to trigger a
    //# full state notification.
    let isTorn = !root.isFull && (known === undefined || root.version > known + 1);
    const before = this.#rows;
    //= RFC 4662 §5.6.1
    //# Otherwise, the contents of the resource-list table are flushed and repopulated from the
    //# contents of the document.
    const rows = new Map(root.isFull ? [] : before);
    for (const resource of root.resources.slice(0, MAX_ROWS)) {
      const row = this.#row(resource, before.get(resource.uri), others);
      if (!row.ok) return row;
      isTorn ||= row.value.isTorn;
      rows.set(resource.uri, row.value.row);
    }
    this.#rows = rows;
    this.#version = root.version;
    return ok({ kind: "New", value: viewOf(rows), isTorn });
  };

  #row(
    { uri, names, instances }: ListedResource,
    before: Row<T> | undefined,
    parts: ReadonlyMap<string, BodyPart>,
  ): Result<{ readonly row: Row<T>; readonly isTorn: boolean }> {
    const [name = before?.listed.name ?? ""] = names;
    const instance = instances.find(({ state }) => state === "active") ?? instances[0];
    const reader = before?.reader ?? this.#pack.reader();
    // A list that is told in pieces names everybody at first, and says of most what it is later.
    if (!instance && before) return ok({ row: before, isTorn: false });
    const { state = "unknown", reason, cid } = instance ?? {};
    const last = state === "active" ? before?.listed.value : undefined;
    const listed: Listed<T> = { uri, name, state, reason, value: last };
    const part = cid === undefined ? undefined : parts.get(cid);
    if (!part) return ok({ row: { listed, reader }, isTorn: false });
    const read = reader(part.body, part.contentType);
    // One that cannot be read says nothing of the others.
    if (!read.ok) return ok({ row: { listed, reader }, isTorn: false });
    const { value: coherent } = read;
    const value = coherent.kind === "New" ? coherent.value : last;
    const isTorn = coherent.kind === "New" && coherent.isTorn;
    return ok({ row: { listed: { ...listed, value }, reader }, isTorn });
  }
}

//= RFC 4662 §5.6.1
//# A check is first made to ensure that the "version" attribute of the <list> attribute in the
//# received message is greater than the local version number. If not, the received document is
//# discarded without any further processing.
//= RFC 4662 §5.6.2
//# If the version in the document is less than or equal to the local version, the document is
//# discarded without any further processing.
const isOld = (known: number | undefined, { version }: Rlmi): boolean =>
  known !== undefined && version <= known;

const viewOf = <T>(rows: ReadonlyMap<string, Row<T>>): List<T> =>
  new Map([...rows].map(([uri, { listed }]) => [uri, listed]));

/** The list itself, and the other parts by their Content-ID. */
function partsOf(
  body: Octets,
  type: MediaType,
): Result<{ readonly root: Rlmi; readonly others: ReadonlyMap<string, BodyPart> }> {
  if (isMediaType(type, RLMI_TYPE)) {
    const root = parseRlmi(body);
    return root.ok ? ok({ root: root.value, others: new Map() }) : root;
  }
  const parts = parseMultipart(type, body);
  if (!parts.ok) return parts;
  const others = new Map(parts.value.map((one) => [contentIdOf(one), one]));
  const start = type.params.get("start");
  //= RFC 4662 §5.1
  //# The root document of the multipart/related body MUST be a Resource List Meta-Information
  //# (RLMI) document.
  const first = start === undefined ? parts.value[0] : others.get(bare(start));
  if (!first || !isMediaType(first.contentType, RLMI_TYPE)) {
    return bad("bad-document", "a list without its list", 0, "RFC 4662 §5.1");
  }
  const root = parseRlmi(first.body);
  return root.ok ? ok({ root: root.value, others }) : root;
}

const contentIdOf = ({ headers }: BodyPart): string =>
  bare(headers.find(([name]) => name.toLowerCase() === "content-id")?.[1] ?? "");

const bare = (id: string): string => id.trim().replace(/^</, "").replace(/>$/, "");

/** The presence of all on a list: `sip:contacts@` one's house for one's own contacts. RFC 4662. */
export const presenceList: EventPackage<List<Presence>> = listOf(presence);

/** The calls of all on a list. RFC 4662, RFC 4235. */
export const dialogList: EventPackage<List<DialogInfo>> = listOf(dialogs);
