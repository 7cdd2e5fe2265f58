/** Registrations as others may see them: which devices somebody has signed in. RFC 3680. */
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import { childrenIn, childrenOf, elementsOf, textIn, type XmlElement } from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { type Coherent, mergedRows } from "./coherent.ts";
import { badDocument, countOf, oneOf, readDocument } from "./read-document.ts";

/** Somebody's registrations. RFC 3680 §5.1. */
export interface Reginfo {
  /** Counts the documents of one subscription: from 0, by 1. RFC 3680 §5.1. */
  readonly version: number;
  /** Partial: only what has changed. */
  readonly state: "full" | "partial";
  /** One for each address-of-record, in the document's order. */
  readonly registrations: readonly RegistrationState[];
}

/** What is registered for one address-of-record. RFC 3680 §5.1. */
export interface RegistrationState {
  /** The same in all documents of one subscription. */
  readonly id: string;
  /** The address-of-record: a URI. */
  readonly aor: string;
  /** `active` while there is a contact; `init` before and `terminated` after. RFC 3680 §4.7.1. */
  readonly state: "init" | "active" | "terminated";
  /** In the document's order. Those that are over are told once, as `terminated`. */
  readonly contacts: readonly ContactState[];
}

/** One device that has signed in. RFC 3680 §5.1. */
export interface ContactState {
  /** Told from all other contacts of one subscription by this. */
  readonly id: string;
  /** The Contact's URI, as it was registered. */
  readonly uri: string;
  /** For people. */
  readonly displayName?: string | undefined;
  /** Whether it is bound to the address-of-record. RFC 3680 §4.7.1. */
  readonly state: "active" | "terminated";
  /** What brought it there: `registered`, `refreshed`, `expired`, `unregistered`, … */
  readonly event: string;
  /** How long the binding still lasts; always told with `shortened`. */
  readonly expiresSeconds?: number | undefined;
  /** When the device is to register anew; always told with `probation`. */
  readonly retryAfterSeconds?: number | undefined;
  /** From 0 to 1. */
  readonly q?: number | undefined;
  /** The device's public GRUU: a URI. RFC 5628. */
  readonly pubGruu?: string | undefined;
  /** The newest of its temporary GRUUs. RFC 5628. */
  readonly tempGruu?: TempGruu | undefined;
}

/** A temporary GRUU as those who watch registrations are told of it. RFC 5628. */
export interface TempGruu {
  readonly uri: string;
  /** The CSeq number of the REGISTER since which there are temporary GRUUs: 0 to 2^32 - 1. */
  readonly firstCSeq: number;
}

const STATES = ["init", "active", "terminated"] as const;
const NAMESPACE = "urn:ietf:params:xml:ns:reginfo";
const GRUU_NAMESPACE = "urn:ietf:params:xml:ns:gruuinfo";
const SOURCE = "RFC 3680 §5.1";

/** The document's type, for Content-Type and Accept. RFC 3680 §4.5. */
export const REGINFO_TYPE = "application/reginfo+xml";

/**
 * Reads one. A registration or contact without what it must have is passed over. RFC 3680 §5.1.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root, no version or no state.
 */
export function parseReginfo(octets: Octets): Result<Reginfo> {
  const root = readDocument(octets, NAMESPACE, "reginfo", SOURCE);
  if (!root.ok) return root;
  const { attributes } = root.value;
  //= RFC 3680 §5.1
  //# There are two attributes associated with the "reginfo" element, both of which MUST be present
  const version = countOf(attributes.get("version"));
  const state = oneOf(["full", "partial"], attributes.get("state"));
  if (version === undefined || state === undefined) {
    return badDocument("registrations without a version or state", SOURCE);
  }
  //= RFC 3680 §5.1
  //# Other elements from different namespaces MAY be present for the purposes of extensibility;
  //# elements or attributes from unknown namespaces MUST be ignored.
  const registrations = childrenOf(root.value, "registration").flatMap(registrationOf);
  return ok({ version, state, registrations });
}

function registrationOf(of: XmlElement): readonly RegistrationState[] {
  const [id, aor] = [of.attributes.get("id"), of.attributes.get("aor")];
  const state = oneOf(STATES, of.attributes.get("state"));
  if (id === undefined || aor === undefined || !state) return [];
  return [{ id, aor, state, contacts: childrenOf(of, "contact").flatMap(contactOf) }];
}

function contactOf(of: XmlElement): readonly ContactState[] {
  const { attributes } = of;
  const [id, uri] = [attributes.get("id"), textIn(of, "uri")];
  const state = oneOf(["active", "terminated"], attributes.get("state"));
  if (id === undefined || uri === undefined || !state) return [];
  const q = attributes.get("q") ?? "";
  return [
    {
      ...{ id, uri, state },
      displayName: textIn(of, "display-name"),
      event: attributes.get("event") ?? "",
      expiresSeconds: countOf(attributes.get("expires")),
      retryAfterSeconds: countOf(attributes.get("retry-after")),
      q: /^[01](\.\d{1,3})?$/.test(q) ? Math.min(1, Number(q)) : undefined,
      pubGruu: gruuIn(of, "pub-gruu")?.get("uri"),
      tempGruu: tempGruuOf(gruuIn(of, "temp-gruu")),
    },
  ];
}

//= RFC 5627 §4.2
//# A user agent implementing both RFC 3680 [24] and GRUU MUST also implement the extensions to RFC
//# 3680 [24] for conveying information on GRUU, as defined in RFC 5628 [28], as these are necessary
//# to keep the set of temporary GRUUs synchronized between the UA and the registrar.
const gruuIn = (of: XmlElement, name: string): XmlElement["attributes"] | undefined =>
  childrenIn(of, GRUU_NAMESPACE, name)[0]?.attributes;

function tempGruuOf(attributes: XmlElement["attributes"] | undefined): TempGruu | undefined {
  const [uri, firstCSeq] = [attributes?.get("uri"), countOf(attributes?.get("first-cseq"))];
  return uri === undefined || firstCSeq === undefined ? undefined : { uri, firstCSeq };
}

/** What is known after this document; `known` is undefined before the first. RFC 3680 §5.2. */
export function mergeReginfo(known: Reginfo | undefined, next: Reginfo): Coherent<Reginfo> {
  const isFull = next.state === "full";
  //= RFC 3680 §5.2
  //# The version number MUST be initialized with the value of the "version" attribute from the
  //# "reginfo" element in the first document received.
  if (!known) return { kind: "New", value: { ...next, state: "full" }, isTorn: !isFull };
  //= RFC 3680 §5.2
  //# If the value in the document is less than the local version, the document is discarded without
  //# processing.
  if (next.version < known.version || (next.version === known.version && !isFull)) {
    return { kind: "Old" };
  }
  //= RFC 3680 §5.2
  //# If it contains full state, indicated by the value of the "state" attribute in the "reginfo"
  //# element, the contents of all tables associated with this subscription are flushed. They are
  //# re-populated from the document.
  if (isFull) return { kind: "New", value: next, isTorn: false };
  const changed = next.registrations.map((one) => withKnown(known.registrations, one));
  const isOver = ({ state }: RegistrationState) => state === "terminated";
  const registrations = mergedRows(known.registrations, changed, isOver);
  //= RFC 3680 §5.2
  //# If the value in the document is more than one higher than the local version number, the local
  //# version number is set to the value in the new document, the document is processed, and the
  //# subscriber SHOULD generate a refresh request to trigger a full state notification.
  const isTorn = next.version > known.version + 1;
  return { kind: "New", value: { ...known, version: next.version, registrations }, isTorn };
}

function withKnown(
  known: readonly RegistrationState[],
  next: RegistrationState,
): RegistrationState {
  const before = known.find(({ id }) => id === next.id)?.contacts ?? [];
  const contacts = mergedRows(before, next.contacts, ({ state }) => state === "terminated");
  return { ...next, contacts };
}

/** Writes one, whole or partial as its `state` says. */
export function formatReginfo({ version, state, registrations }: Reginfo): Octets {
  const info = elementsOf(NAMESPACE);
  const all = registrations.map(({ id, aor, state, contacts }) =>
    info("registration", { aor, id, state }, contacts.map(formatContact)),
  );
  return formatXml(info("reginfo", { version: String(version), state }, all));
}

function formatContact(contact: ContactState): XmlElement {
  const [info, gruu] = [elementsOf(NAMESPACE), elementsOf(GRUU_NAMESPACE)];
  const { id, uri, displayName, state, event, expiresSeconds, retryAfterSeconds, q } = contact;
  const { pubGruu, tempGruu: temp } = contact;
  const attributes = {
    ...{ id, state, event, q: text(q) },
    ...{ expires: text(expiresSeconds), "retry-after": text(retryAfterSeconds) },
  };
  return info("contact", attributes, [
    info("uri", {}, [uri]),
    displayName === undefined ? undefined : info("display-name", {}, [displayName]),
    pubGruu === undefined ? undefined : gruu("pub-gruu", { uri: pubGruu }),
    temp && gruu("temp-gruu", { uri: temp.uri, "first-cseq": text(temp.firstCSeq) }),
  ]);
}

const text = (number: number | undefined) => (number === undefined ? undefined : String(number));
