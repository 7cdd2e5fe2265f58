/** Writes XML. What comes out, `parseXml` reads as the same tree. */
import { fromText, type Octets } from "../grammar/octets.ts";
import { XML_NAMESPACE, type XmlElement } from "./element.ts";
import { isXmlChar, isXmlName } from "./xml-chars.ts";

/**
 * A document with its declaration. The root's namespace is the default one, unless something in it
 * has no namespace; others have prefixes, from `prefixes` (by namespace) or made up. Characters
 * that no XML can hold become U+FFFD. Throws a RangeError on a name that is none.
 */
export function formatXml(
  root: XmlElement,
  prefixes: Readonly<Record<string, string>> = {},
): Octets {
  const namespaces = new Set<string>();
  const hasBare = collect(root, namespaces);
  const given = new Map<string, string>([[XML_NAMESPACE, "xml"]]);
  const isDefault = !hasBare && root.namespace !== XML_NAMESPACE;
  let count = 0;
  for (const namespace of namespaces) {
    if (given.has(namespace)) continue;
    given.set(namespace, prefixes[namespace] ?? `n${++count}`);
  }
  const elements = new Map(given);
  if (isDefault) elements.set(root.namespace, "");
  const declared = [...given].filter(
    ([namespace]) => namespace !== XML_NAMESPACE && !(isDefault && isOnlyRoots(root, namespace)),
  );
  const declarations = [
    ...(isDefault && root.namespace !== "" ? [["xmlns", root.namespace] as const] : []),
    ...declared.map(([namespace, prefix]) => [`xmlns:${prefix}`, namespace] as const),
  ];
  const names: Names = { elements, attributes: given };
  const text = format(root, names, declarations);
  return fromText(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
}

/** The prefixes by namespace. */
interface Names {
  readonly elements: ReadonlyMap<string, string>;
  readonly attributes: ReadonlyMap<string, string>;
}

/** No attribute is in the root's namespace: then it needs no prefix. */
const isOnlyRoots = (root: XmlElement, namespace: string): boolean =>
  namespace === root.namespace && !hasAttributeIn(root, `{${namespace}}`);

const hasAttributeIn = (of: XmlElement, start: string): boolean =>
  [...of.attributes.keys()].some((key) => key.startsWith(start)) ||
  of.children.some((one) => typeof one !== "string" && hasAttributeIn(one, start));

/** The namespaces of a tree; true if an element in it has none. */
function collect(of: XmlElement, into: Set<string>): boolean {
  if (of.namespace !== "") into.add(of.namespace);
  for (const key of of.attributes.keys()) {
    if (key.startsWith("{")) into.add(key.slice(1, key.lastIndexOf("}")));
  }
  let hasBare = of.namespace === "";
  for (const child of of.children) {
    if (typeof child !== "string" && collect(child, into)) hasBare = true;
  }
  return hasBare;
}

function format(
  of: XmlElement,
  names: Names,
  declarations: readonly (readonly [string, string])[] = [],
): string {
  const tag = withPrefix(names.elements.get(of.namespace) ?? "", of.name);
  const own = [...of.attributes].map(([key, value]) => [attributeName(key, names), value] as const);
  const attributes = [...declarations, ...own]
    .map(([name, value]) => ` ${name}="${escaped(value, /[&<>"\t\r\n]/g)}"`)
    .join("");
  if (of.children.length === 0) return `<${tag}${attributes}/>`;
  const children = of.children.map((one) =>
    typeof one === "string" ? escaped(one, /[&<>\r]/g) : format(one, names),
  );
  return `<${tag}${attributes}>${children.join("")}</${tag}>`;
}

function attributeName(key: string, { attributes }: Names): string {
  if (!key.startsWith("{")) return withPrefix("", key);
  const end = key.lastIndexOf("}");
  return withPrefix(attributes.get(key.slice(1, end)) ?? "", key.slice(end + 1));
}

function withPrefix(prefix: string, name: string): string {
  if (!isXmlName(name) || (prefix !== "" && !isXmlName(prefix))) {
    throw new RangeError(`no name: ${JSON.stringify(name)}`);
  }
  if (name === "xmlns") throw new RangeError("xmlns is no name");
  return prefix === "" ? name : `${prefix}:${name}`;
}

/** As references, what this matches; and U+FFFD for what no XML can hold. */
function escaped(text: string, special: RegExp): string {
  let whole = "";
  for (const char of text) whole += isXmlChar(char.codePointAt(0) ?? 0) ? char : "\ufffd";
  return whole.replaceAll(special, (char) => REFERENCES[char] ?? `&#${char.charCodeAt(0)};`);
}

const REFERENCES: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;" },
  '"': "&quot;",
};
