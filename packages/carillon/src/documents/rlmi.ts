/** Meta-information of a list: what the parts of its notifications are about. RFC 4662 §5. */
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import { childrenOf, elementsOf, textOf, type XmlElement } from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { badDocument, booleanOf, countOf, oneOf, readDocument } from "./read-document.ts";

/** A list of resources, as one notification tells it. RFC 4662 §5.2. */
export interface Rlmi {
  /** The list's own. */
  readonly uri: string;
  /** Counts the documents of one subscription: from 0, by 1. */
  readonly version: number;
  /** Whether every resource of the list is told of. */
  readonly isFull: boolean;
  /** For people, in any languages. */
  readonly names: readonly string[];
  /** In the document's order. */
  readonly resources: readonly ListedResource[];
}

/** One resource of a list. RFC 4662 §5.3. */
export interface ListedResource {
  /** By which it is told from others: who subscribed to it would get the same state. */
  readonly uri: string;
  /** For people, in any languages. */
  readonly names: readonly string[];
  /** One for each notifier; none while nothing is known. */
  readonly instances: readonly ResourceInstance[];
}

/** What one notifier says of a resource. RFC 4662 §5.5. */
export interface ResourceInstance {
  /** Told from others of the same resource by this. */
  readonly id: string;
  /** As in Subscription-State. */
  readonly state: "active" | "pending" | "terminated";
  /** Why it is terminated; undefined where it is not. */
  readonly reason?: string | undefined;
  /** The Content-ID of the part with its state; undefined where there is none. */
  readonly cid?: string | undefined;
}

const STATES = ["active", "pending", "terminated"] as const;
const NAMESPACE = "urn:ietf:params:xml:ns:rlmi";
const SOURCE = "RFC 4662 §5";

/** The document's type, for Content-Type and Accept. RFC 4662 §5.1. */
export const RLMI_TYPE = "application/rlmi+xml";

/**
 * Reads one. A resource or instance without what it must have is passed over. RFC 4662 §5.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root, or one without URI, version
 * or fullState.
 */
export function parseRlmi(octets: Octets): Result<Rlmi> {
  const root = readDocument(octets, NAMESPACE, "list", SOURCE);
  if (!root.ok) return root;
  const { attributes } = root.value;
  const uri = attributes.get("uri");
  const version = countOf(attributes.get("version"));
  const isFull = booleanOf(attributes.get("fullState"));
  //= RFC 4662 §5.2
  //# The <list> element present in a list notification MUST contain three attributes.
  if (uri === undefined || version === undefined || isFull === undefined) {
    return badDocument("a list without uri, version or fullState", SOURCE);
  }
  const resources = childrenOf(root.value, "resource").flatMap(resourceOf);
  return ok({ uri, version, isFull, names: namesOf(root.value), resources });
}

function resourceOf(of: XmlElement): readonly ListedResource[] {
  const uri = of.attributes.get("uri");
  if (uri === undefined) return [];
  return [{ uri, names: namesOf(of), instances: childrenOf(of, "instance").flatMap(instanceOf) }];
}

function instanceOf({ attributes }: XmlElement): readonly ResourceInstance[] {
  const id = attributes.get("id");
  const state = oneOf(STATES, attributes.get("state"));
  if (id === undefined || !state) return [];
  return [{ id, state, reason: attributes.get("reason"), cid: attributes.get("cid") }];
}

const namesOf = (of: XmlElement): readonly string[] =>
  childrenOf(of, "name")
    .map(textOf)
    .filter((one) => one !== "");

/** Writes one. */
export function formatRlmi({ uri, version, isFull, names, resources }: Rlmi): Octets {
  const rlmi = elementsOf(NAMESPACE);
  const named = (all: readonly string[]) => all.map((one) => rlmi("name", {}, [one]));
  const attributes = { uri, version: String(version), fullState: String(isFull) };
  return formatXml(
    rlmi("list", attributes, [
      ...named(names),
      ...resources.map((one) =>
        rlmi("resource", { uri: one.uri }, [
          ...named(one.names),
          ...one.instances.map(({ id, state, reason, cid }) =>
            rlmi("instance", { id, state, reason, cid }),
          ),
        ]),
      ),
    ]),
  );
}
