/** XML without DTDs and entities: `carillon/xml`. */
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
