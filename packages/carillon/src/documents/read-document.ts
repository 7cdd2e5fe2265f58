/** What the readers of XML documents have in common. */
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { XmlElement } from "../xml/element.ts";
import { parseXml } from "../xml/parse-xml.ts";

/**
 * The root of a document of one kind.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root.
 */
export function readDocument(
  octets: Octets,
  namespace: string,
  name: string,
  source: string,
): Result<XmlElement> {
  const root = parseXml(octets);
  if (!root.ok) return root;
  if (root.value.namespace === namespace && root.value.name === name) return ok(root.value);
  return badDocument(`expected <${name} xmlns="${namespace}">`, source);
}

export const badDocument = (what: string, source: string): Result<never> =>
  bad("bad-document", what, 0, source);

/** Digits up to `max`; undefined for anything else. */
export function countOf(text: string | undefined, max: number = 2 ** 32 - 1): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text.trim())) return undefined;
  const count = Number(text.trim());
  return count <= max ? count : undefined;
}

/** `xs:boolean`; undefined for anything else. */
export function booleanOf(text: string | undefined): boolean | undefined {
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : undefined;
}

/** The text if it is one of these. */
export const oneOf = <T extends string>(
  all: readonly T[],
  text: string | undefined,
): T | undefined => all.find((one) => one === text);
