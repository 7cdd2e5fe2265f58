/** One view of a conference out of documents that each tell a part. RFC 4575 §4.4 to §4.6. */
import { childOf, textOf, type XmlElement } from "../xml/element.ts";
import type { Coherent } from "./coherent.ts";
import { countOf } from "./read-document.ts";

/** Elements of one view: more than 4000 people with a device each are no conference. */
const MAX_ELEMENTS = 50_000;

/**
 * What is known after this document; `known` is undefined before the first. `conferenceOf` says
 * what it means. RFC 4575 §4.6.
 */
export function mergeConference(
  known: XmlElement | undefined,
  next: XmlElement,
): Coherent<XmlElement> {
  const state = stateOf(next);
  const [before, now] = [known && versionOf(known), versionOf(next)];
  //= RFC 4575 §4.6
  //# If the value in the document is equal to or less than the local version, the document is
  //# discarded without processing.
  if (before !== undefined && now !== undefined && now <= before) return { kind: "Old" };
  //= RFC 4575 §4.6
  //# Otherwise, if the received NOTIFY contains a "full" or "deleted" state, the conference package
  //# subscriber MUST set the local 'version' number to the value of the 'version' attribute from
  //# the received <conference-info> and replace the local information with the received document.
  if (state !== "partial") return { kind: "New", value: whole(next), isTorn: false };
  //= RFC 4575 §4.6
  //# Otherwise (i.e., if the received NOTIFY contains "partial" state), if the 'version' number in
  //# the received document is more than one number higher than the previous local version number,
  //# the subscriber MUST generate a subscription refresh request to trigger a full state
  //# notification.
  const isNext = before !== undefined && now === before + 1;
  if (!known || !isNext) return { kind: "New", value: known ?? whole(next), isTorn: true };
  const value = merged(known, next, next.attributes);
  if (sizeOf(value) > MAX_ELEMENTS) return { kind: "New", value: known, isTorn: true };
  return { kind: "New", value, isTorn: false };
}

const versionOf = ({ attributes }: XmlElement) => countOf(attributes.get("version"));

//= RFC 4575 §4.4
//# The default value of any 'state' attribute is "full".
function stateOf({ attributes }: XmlElement): "full" | "partial" | "deleted" {
  const state = attributes.get("state");
  return state === "partial" || state === "deleted" ? state : "full";
}

/** The attributes of `next` over those of `known`, but for the state, which is of one document. */
function merged(
  known: XmlElement,
  next: XmlElement,
  attributes: XmlElement["attributes"],
): XmlElement {
  const all = new Map([...known.attributes, ...attributes]);
  all.delete("state");
  const children = new Map<string, XmlElement | string>();
  for (const [at, child] of known.children.entries()) children.set(keyOf(child, `${at}`), child);
  for (const child of next.children) {
    if (typeof child === "string") continue;
    const key = keyOf(child, "");
    const before = children.get(key);
    const state = stateOf(child);
    //= RFC 4575 §4.6
    //# Otherwise, if the element contains "deleted" state, the whole element MUST be removed from
    //# the local content.
    if (state === "deleted") children.delete(key);
    else if (state === "partial" && before !== undefined && typeof before !== "string") {
      children.set(key, merged(before, child, child.attributes));
    } else children.set(key, whole(child));
  }
  return { ...known, attributes: all, children: [...children.values()] };
}

/** An element that is complete, without what is deleted in it. */
function whole(of: XmlElement): XmlElement {
  const attributes = new Map(of.attributes);
  if (attributes.get("state") !== "deleted") attributes.delete("state");
  const children = of.children
    .filter((one) => typeof one === "string" || stateOf(one) !== "deleted")
    .map((one) => (typeof one === "string" ? one : whole(one)));
  return { ...of, attributes, children };
}

//= RFC 4575 §4.5
//# In the context of this specification, the element key is the set of mandatory attributes or
//# sub-elements of an element.
/** What tells an element from its brothers; text is told by where it stands. */
function keyOf(of: XmlElement | string, place: string): string {
  if (typeof of === "string") return place;
  const { namespace, name, attributes } = of;
  const uri = name === "entry" ? childOf(of, "uri") : undefined;
  const key =
    attributes.get("entity") ??
    attributes.get("id") ??
    attributes.get("label") ??
    (uri && textOf(uri));
  return `{${namespace}}${name} ${key ?? ""}`;
}

function sizeOf(of: XmlElement): number {
  let size = 1;
  for (const child of of.children) if (typeof child !== "string") size += sizeOf(child);
  return size;
}
