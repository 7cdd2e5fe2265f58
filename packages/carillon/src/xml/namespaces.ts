/** Which namespace a prefix means, from element to element. Namespaces in XML 1.0. */
import { XML_NAMESPACE } from "./element.ts";

/** By prefix, those of open elements in order; the empty prefix is the default namespace. */
export type Scope = Map<string, string[]>;

const XMLNS_NAMESPACE = "http://www.w3.org/2000/xmlns/";

export const newScope = (): Scope => new Map([["xml", [XML_NAMESPACE]]]);

/** Takes in what an element declares; its prefixes, or undefined where a declaration is wrong. */
export function declare(
  scope: Scope,
  attributes: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const prefixes: string[] = [];
  for (const [name, value] of attributes) {
    if (name !== "xmlns" && !name.startsWith("xmlns:")) continue;
    const prefix = name.slice(6);
    if (!mayMean(prefix, value)) return undefined;
    const known = scope.get(prefix);
    if (known) known.push(value);
    else scope.set(prefix, [value]);
    prefixes.push(prefix);
  }
  return prefixes;
}

/** `xml` means what it means, nothing else means that, and only the default can be taken back. */
function mayMean(prefix: string, namespace: string): boolean {
  if (prefix === "xmlns" || namespace === XMLNS_NAMESPACE) return false;
  if (prefix === "xml" || namespace === XML_NAMESPACE) {
    return prefix === "xml" && namespace === XML_NAMESPACE;
  }
  return prefix === "" || namespace !== "";
}

/** The element that declared these has ended. */
export function undeclare(scope: Scope, prefixes: readonly string[]): void {
  for (const prefix of prefixes) {
    const known = scope.get(prefix);
    known?.pop();
    if (known?.length === 0) scope.delete(prefix);
  }
}

/** What a name with or without a prefix means; undefined if its prefix means nothing. */
export function resolve(
  scope: Scope,
  qName: string,
  isElement: boolean,
): { readonly namespace: string; readonly name: string } | undefined {
  const colon = qName.indexOf(":");
  if (colon < 0) {
    const namespace = isElement ? (scope.get("")?.at(-1) ?? "") : "";
    return { namespace, name: qName };
  }
  const namespace = scope.get(qName.slice(0, colon))?.at(-1);
  return namespace === undefined ? undefined : { namespace, name: qName.slice(colon + 1) };
}
