/**
 * XML without DTDs and entities, as a tree: `carillon/xml`. What the documents of presence,
 * conferences and their like are read and written with.
 *
 * ```ts
 * import { childrenOf, elementsOf, formatXml, parseXml, textOf } from "carillon/xml";
 *
 * const pidf = elementsOf("urn:ietf:params:xml:ns:pidf");
 * const note = pidf("note", {}, ["Out for lunch"]);
 * const octets = formatXml(pidf("presence", { entity: "sip:bob@example.com" }, [note]));
 *
 * const root = parseXml(octets);
 * if (!root.ok) throw new Error(root.error.message);
 * console.log(root.value.attributes.get("entity")); // sip:bob@example.com
 * console.log(childrenOf(root.value, "note").map(textOf).join()); // Out for lunch
 * ```
 */
export {
  childOf,
  childrenIn,
  childrenOf,
  elementsOf,
  textIn,
  textOf,
  XML_NAMESPACE,
  type XmlElement,
} from "./element.ts";
export { formatXml } from "./format-xml.ts";
export { parseXml, XML_LIMITS, type XmlLimits } from "./parse-xml.ts";
