/**
 * Presence documents: whether somebody is to be reached, by what, and what they are doing.
 * RFC 3863, with persons by RFC 4479 and their activities by RFC 4480.
 */
import { formatDateTime, readDateTime } from "../grammar/date-time.ts";
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import {
  childOf,
  childrenIn,
  childrenOf,
  elementsOf,
  textIn,
  textOf,
  type XmlElement,
} from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { badDocument, oneOf, readDocument } from "./read-document.ts";

/** What a presence document says. RFC 3863 §4.1. */
export interface Presence {
  /** Whose it is: a `pres:` or `sip:` URI. */
  readonly entity: string;
  /** Ways to reach them; each has an id of its own. RFC 3863 §4.1.2: tuples. */
  readonly tuples: readonly PresenceTuple[];
  /** What they say of themselves. */
  readonly notes: readonly string[];
  /** What the person is doing: `on-the-phone`, `away`, `meeting`, … RFC 4480 §3.2. */
  readonly activities: readonly string[];
  /** Whether they have touched a device lately; undefined where it is not said. RFC 4480 §3.14. */
  readonly userInput?: "active" | "idle" | undefined;
}

/** One way to reach somebody: a device, a service. RFC 3863 §4.1.2. */
export interface PresenceTuple {
  /** Told from the document's other tuples by this; empty where the document names none. */
  readonly id: string;
  /** Whether messages or calls arrive there; undefined where it is not said. RFC 3863 §4.1.4. */
  readonly basic: "open" | "closed" | undefined;
  /** The URI to reach them by. RFC 3863 §4.1.5. */
  readonly contact: string | undefined;
  /** From 0 to 1; undefined counts as the lowest. */
  readonly priority: number | undefined;
  /** For people, in the document's order. RFC 3863 §4.1.6. */
  readonly notes: readonly string[];
  /** When this last changed; undefined for no date of RFC 3339. RFC 3863 §4.1.7. */
  readonly timestamp: Date | undefined;
}

const PIDF = "urn:ietf:params:xml:ns:pidf";
const DATA_MODEL = "urn:ietf:params:xml:ns:pidf:data-model";
const RPID = "urn:ietf:params:xml:ns:pidf:rpid";
const SOURCE = "RFC 3863 §4.1";

/** The document's type, for Content-Type and Accept. RFC 3863 §3.1. */
export const PIDF_TYPE = "application/pidf+xml";

/** Whether somebody can be reached by anything. RFC 3863 §4.1.4. */
export const isOpen = ({ tuples }: Presence): boolean =>
  tuples.some(({ basic }) => basic === "open");

/**
 * Reads one. What is not known in it is passed over. RFC 3863 §4.1.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root, or one without an entity.
 */
export function parsePidf(octets: Octets): Result<Presence> {
  const root = readDocument(octets, PIDF, "presence", SOURCE);
  if (!root.ok) return root;
  const entity = root.value.attributes.get("entity");
  //= RFC 3863 §4.1.1
  //# The <presence> element MUST have an 'entity' attribute.
  if (entity === undefined) return badDocument("a presence of nobody", SOURCE);
  //= RFC 3863 §4.2.3
  //# Except as noted below, a processor of PRESENCE INFORMATION MUST ignore any XML element with an
  //# unrecognized name (i.e., having an unrecognized namespace URI, or an unrecognized local name
  //# within that namespace).
  return ok({
    entity,
    tuples: childrenOf(root.value, "tuple").map(tupleOf),
    notes: [...notesOf(root.value), ...personNotes(root.value)],
    activities: activitiesOf(root.value),
    userInput: inputOf(root.value),
  });
}

function tupleOf(tuple: XmlElement): PresenceTuple {
  const status = childOf(tuple, "status");
  const contact = childOf(tuple, "contact");
  return {
    id: tuple.attributes.get("id") ?? "",
    basic: status && oneOf(["open", "closed"], textIn(status, "basic")?.toLowerCase()),
    contact: contact && textOf(contact),
    priority: priorityOf(contact?.attributes.get("priority")),
    notes: notesOf(tuple),
    timestamp: dateOf(textIn(tuple, "timestamp")),
  };
}

//= RFC 3863 §4.1.5
//# The value of the attribute MUST be a decimal number between 0 and 1 inclusive with at most 3
//# digits after the decimal point.
//= RFC 3863 §4.1.5
//# If the 'priority' value is out of the range, applications just SHOULD ignore the value and
//# process it as if the attribute was not present.
const priorityOf = (text = ""): number | undefined =>
  /^(0(\.\d{1,3})?|1(\.0{1,3})?)$/.test(text) ? Number(text) : undefined;

const dateOf = (text = ""): Date | undefined => {
  const ms = readDateTime(text);
  return ms === undefined ? undefined : new Date(ms);
};

const notesOf = (of: XmlElement): readonly string[] =>
  childrenOf(of, "note")
    .map(textOf)
    .filter((one) => one !== "");

/** What is said of the person, where data are told of by RFC 4479 §3.2. */
const personNotes = (root: XmlElement): readonly string[] =>
  childrenIn(root, DATA_MODEL, "person").flatMap(notesOf);

//= RFC 4480 §3.14
//# The <user-input> element records the user-input or usage state of the service or device, based
//# on human user input, e.g., keyboard, pointing device, or voice.
const INPUTS = ["active", "idle"] as const;

/** Of the person, a device or a service: who is at one of them is there. */
function inputOf(root: XmlElement): Presence["userInput"] {
  const persons = childrenIn(root, DATA_MODEL);
  const all = [...persons, ...childrenOf(root, "tuple")].flatMap((one) =>
    childrenIn(one, RPID, "user-input").map((input) => oneOf(INPUTS, textOf(input))),
  );
  return all.includes("active") ? "active" : all.find((one) => one !== undefined);
}

/** Those of all persons; RPID's own elements, and the text of `other`. */
function activitiesOf(root: XmlElement): readonly string[] {
  const persons = childrenIn(root, DATA_MODEL, "person");
  const all = persons.flatMap((one) => childrenIn(one, RPID, "activities"));
  const names = all
    .flatMap((one) => childrenOf(one))
    .filter(({ name }) => name !== "note")
    .map((one) => (one.name === "other" ? textOf(one) : one.name));
  return [...new Set(names.filter((one) => one !== ""))];
}

/**
 * Writes one; `personId` is the same in all documents about one person. An activity that
 * RFC 4480 §3.2 has no word for is written as `other`. Throws a RangeError on a date outside of
 * the years 0 to 9999.
 */
export function formatPidf(presence: Presence, personId = "p"): Octets {
  const { entity, tuples, notes, activities, userInput } = presence;
  const hasPerson = activities.length > 0 || userInput !== undefined;
  const pidf = elementsOf(PIDF);
  //= RFC 3863 §4.1
  //# It MUST have the XML declaration and it SHOULD contain an encoding declaration in the XML
  //# declaration
  return formatXml(
    pidf("presence", { entity }, [
      ...tuples.map(formatTuple),
      ...notes.map((one) => pidf("note", {}, [one])),
      ...(hasPerson ? [formatPerson(activities, userInput, personId)] : []),
    ]),
    { [DATA_MODEL]: "dm", [RPID]: "rpid" },
  );
}

function formatTuple(tuple: PresenceTuple): XmlElement {
  const { id, basic, contact, priority, notes, timestamp } = tuple;
  const pidf = elementsOf(PIDF);
  const rounded = priority === undefined ? undefined : String(Math.round(priority * 1000) / 1000);
  return pidf("tuple", { id }, [
    pidf("status", {}, [basic && pidf("basic", {}, [basic])]),
    contact === undefined ? undefined : pidf("contact", { priority: rounded }, [contact]),
    ...notes.map((one) => pidf("note", {}, [one])),
    timestamp && pidf("timestamp", {}, [formatDateTime(timestamp.getTime())]),
  ]);
}

function formatPerson(
  activities: readonly string[],
  userInput: Presence["userInput"],
  id: string,
): XmlElement {
  const rpid = elementsOf(RPID);
  const all = activities.map((one) => (ACTIVITIES.has(one) ? rpid(one) : rpid("other", {}, [one])));
  return elementsOf(DATA_MODEL)("person", { id }, [
    all.length > 0 ? rpid("activities", {}, all) : undefined,
    userInput && rpid("user-input", {}, [userInput]),
  ]);
}

/** RFC 4480 §3.2. */
const ACTIVITIES: ReadonlySet<string> = new Set(
  `appointment away breakfast busy dinner holiday in-transit looking-for-work lunch meal meeting
   on-the-phone performance permanent-absence playing presentation shopping sleeping spectator
   steering travel tv unknown vacation working worship`.split(/\s+/),
);
