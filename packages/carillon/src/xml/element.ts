/** XML as a tree: elements with their namespaces resolved, and text. Nothing else is kept. */

export interface XmlElement {
  /** A URI; empty for none. */
  readonly namespace: string;
  /** The part behind the prefix. */
  readonly name: string;
  /** By name; those with a prefix by `{namespace}name`. */
  readonly attributes: ReadonlyMap<string, string>;
  /** In order. No two texts follow each other, and none is empty. */
  readonly children: readonly (XmlElement | string)[];
}

/** What `xml:lang` and its like belong to. */
export const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";

/**
 * Builds elements of one namespace: `elementsOf(namespace)("note", {}, ["text"])`. Attributes and
 * children that are undefined are left out.
 */
export const elementsOf =
  (namespace: string) =>
  (
    name: string,
    attributes: Readonly<Record<string, string | undefined>> = {},
    children: readonly (XmlElement | string | undefined)[] = [],
  ): XmlElement => ({
    namespace,
    name,
    attributes: new Map(Object.entries(attributes).filter(isGiven)),
    children: joined(children),
  });

const isGiven = (entry: [string, string | undefined]): entry is [string, string] =>
  entry[1] !== undefined;

function joined(
  children: readonly (XmlElement | string | undefined)[],
): readonly (XmlElement | string)[] {
  const whole: (XmlElement | string)[] = [];
  for (const child of children) {
    const last = whole.at(-1);
    if (child === undefined || child === "") continue;
    if (typeof child === "string" && typeof last === "string")
      whole[whole.length - 1] = last + child;
    else whole.push(child);
  }
  return whole;
}

/** The child elements, those of one name if it is given, in the namespace of `of`. */
export function childrenOf(of: XmlElement, name?: string): readonly XmlElement[] {
  return childrenIn(of, of.namespace, name);
}

/** The child elements, those of one name if it is given, in another namespace than that of `of`. */
export const childrenIn = (
  of: XmlElement,
  namespace: string,
  name?: string,
): readonly XmlElement[] =>
  of.children.filter(
    (one): one is XmlElement =>
      typeof one !== "string" &&
      one.namespace === namespace &&
      (name === undefined || one.name === name),
  );

/** The first child element of this name, in the namespace of `of`. */
export const childOf = (of: XmlElement, name: string): XmlElement | undefined =>
  childrenOf(of, name)[0];

/** An element's own text, without what surrounds it; empty if there is none. */
export const textOf = (of: XmlElement): string =>
  of.children
    .filter((one) => typeof one === "string")
    .join("")
    .trim();

/** The text of the first child of this name; undefined where there is none. */
export function textIn(of: XmlElement, name: string): string | undefined {
  const child = childOf(of, name);
  return child && textOf(child);
}
