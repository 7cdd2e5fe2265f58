/** Who takes part in a conference, and with what. RFC 4575. */

import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import {
  childOf,
  childrenOf,
  elementsOf,
  textIn,
  textOf,
  type XmlElement,
} from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { booleanOf, countOf, oneOf, readDocument } from "./read-document.ts";

/** A conference as its participants are told of it. RFC 4575 §5. */
export interface Conference {
  /** The conference's URI; empty where the document names none. RFC 4575 §5.2. */
  readonly entity: string;
  /** True once it is over. */
  readonly isOver: boolean;
  /** What it is about, for people. RFC 4575 §5.3. */
  readonly subject?: string | undefined;
  /** What to call it, for people. RFC 4575 §5.3. */
  readonly displayText?: string | undefined;
  /** How many take part, who need not all be among `users`. RFC 4575 §5.5.1. */
  readonly userCount?: number | undefined;
  /** Whether it is going on: it may be known before it begins. RFC 4575 §5.5.2. */
  readonly isActive?: boolean | undefined;
  /** Whether nobody else is let in. RFC 4575 §5.5.3. */
  readonly isLocked?: boolean | undefined;
  /** Those who may be seen, in the document's order; not written once it is over. */
  readonly users: readonly ConferenceUser[];
}

/** One person in a conference, with all their devices. RFC 4575 §5.6. */
export interface ConferenceUser {
  /** Who it is: a URI, perhaps an anonymous one; empty where the document names none. */
  readonly entity: string;
  /** What to call them, for people. RFC 4575 §5.6.1. */
  readonly displayText?: string | undefined;
  /** What they are in this conference, in its own words: `moderator`, … RFC 4575 §5.6.3. */
  readonly roles: readonly string[];
  /** The devices they take part with; after they left, the ones they took part with. */
  readonly endpoints: readonly ConferenceEndpoint[];
}

/** One device in a conference. RFC 4575 §5.7. */
export interface ConferenceEndpoint {
  /** The device's URI, such as its Contact or GRUU; empty where the document names none. */
  readonly entity: string;
  /** What to call it, for people. RFC 4575 §5.7.1. */
  readonly displayText?: string | undefined;
  /** Whether it takes part; undefined for a word that is none of these. RFC 4575 §5.7.3. */
  readonly status?:
    | "pending"
    | "dialing-out"
    | "dialing-in"
    | "alerting"
    | "on-hold"
    | "connected"
    | "muted-via-focus"
    | "disconnecting"
    | "disconnected"
    | undefined;
  /** Who called whom; undefined for a word that is none of these. RFC 4575 §5.7.4. */
  readonly joiningMethod?: "dialed-in" | "dialed-out" | "focus-owner" | undefined;
  /** How it left; undefined for a word that is none of these. RFC 4575 §5.7.6. */
  readonly disconnectionMethod?: "departed" | "booted" | "failed" | "busy" | undefined;
  /** Its streams, each with an id of its own. RFC 4575 §5.8. */
  readonly media: readonly ConferenceMedium[];
}

/** One stream of a device. RFC 4575 §5.8. */
export interface ConferenceMedium {
  /** Told from the device's other streams by this; empty where the document names none. */
  readonly id: string;
  /** `audio`, `video`, … */
  readonly type?: string | undefined;
  /** The stream's, by RFC 4574. */
  readonly label?: string | undefined;
  /** The SSRC of what the device sends, in digits, where it is RTP. RFC 4575 §5.8.4. */
  readonly srcId?: string | undefined;
  /** As the device sees it: one that is muted has `recvonly`. RFC 4575 §5.8.5. */
  readonly status?: "recvonly" | "sendonly" | "sendrecv" | "inactive" | undefined;
}

const STATUSES = [
  "pending",
  "dialing-out",
  "dialing-in",
  "alerting",
  "on-hold",
  "connected",
  "muted-via-focus",
  "disconnecting",
  "disconnected",
] as const;
const JOININGS = ["dialed-in", "dialed-out", "focus-owner"] as const;
const DISCONNECTIONS = ["departed", "booted", "failed", "busy"] as const;
const MEDIUM_STATUSES = ["recvonly", "sendonly", "sendrecv", "inactive"] as const;
const NAMESPACE = "urn:ietf:params:xml:ns:conference-info";

/** The document's type, for Content-Type and Accept. RFC 4575 §3.4. */
export const CONFERENCE_INFO_TYPE = "application/conference-info+xml";

/**
 * The document's tree, which `mergeConference` puts into what is known. RFC 4575 §4.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root.
 */
export const parseConferenceInfo = (octets: Octets): Result<XmlElement> =>
  readDocument(octets, NAMESPACE, "conference-info", "RFC 4575 §5.2");

/** What a whole document says; of a partial one, only the part that stands there. RFC 4575 §5. */
export function conferenceOf(root: XmlElement): Conference {
  const description = childOf(root, "conference-description");
  const state = childOf(root, "conference-state");
  const users = childOf(root, "users");
  return {
    entity: root.attributes.get("entity") ?? "",
    isOver: root.attributes.get("state") === "deleted",
    subject: description && textIn(description, "subject"),
    displayText: description && textIn(description, "display-text"),
    userCount: state && countOf(textIn(state, "user-count")),
    isActive: state && booleanOf(textIn(state, "active")),
    isLocked: state && booleanOf(textIn(state, "locked")),
    users: users ? childrenOf(users, "user").map(userOf) : [],
  };
}

function userOf(user: XmlElement): ConferenceUser {
  const roles = childOf(user, "roles");
  return {
    entity: user.attributes.get("entity") ?? "",
    displayText: textIn(user, "display-text"),
    roles: roles ? childrenOf(roles, "entry").map(textOf) : [],
    endpoints: childrenOf(user, "endpoint").map(endpointOf),
  };
}

function endpointOf(endpoint: XmlElement): ConferenceEndpoint {
  return {
    entity: endpoint.attributes.get("entity") ?? "",
    displayText: textIn(endpoint, "display-text"),
    status: oneOf(STATUSES, textIn(endpoint, "status")),
    joiningMethod: oneOf(JOININGS, textIn(endpoint, "joining-method")),
    disconnectionMethod: oneOf(DISCONNECTIONS, textIn(endpoint, "disconnection-method")),
    media: childrenOf(endpoint, "media").map((medium) => ({
      id: medium.attributes.get("id") ?? "",
      type: textIn(medium, "type"),
      label: textIn(medium, "label"),
      srcId: textIn(medium, "src-id"),
      status: oneOf(MEDIUM_STATUSES, textIn(medium, "status")),
    })),
  };
}

/**
 * Reads a whole document at once. For one that may be partial: `parseConferenceInfo` and
 * `mergeConference`. RFC 4575 §5.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root.
 */
export function parseConference(octets: Octets): Result<Conference> {
  const root = parseConferenceInfo(octets);
  return root.ok ? ok(conferenceOf(root.value)) : root;
}

/** Writes a whole document. `version` counts the documents of one subscription. RFC 4575 §4.6. */
export function formatConference(conference: Conference, version: number): Octets {
  const info = elementsOf(NAMESPACE);
  const { entity, isOver, subject, displayText, userCount, isActive, isLocked, users } = conference;
  const state = isOver ? "deleted" : "full";
  const described = subject !== undefined || displayText !== undefined;
  const counted = [userCount, isActive, isLocked].some((one) => one !== undefined);
  const simple = (name: string, value: string | number | boolean | undefined) =>
    value === undefined ? undefined : info(name, {}, [String(value)]);
  return formatXml(
    info("conference-info", { entity, state, version: String(version) }, [
      described
        ? info("conference-description", {}, [
            simple("display-text", displayText),
            simple("subject", subject),
          ])
        : undefined,
      counted
        ? info("conference-state", {}, [
            simple("user-count", userCount),
            simple("active", isActive),
            simple("locked", isLocked),
          ])
        : undefined,
      isOver
        ? undefined
        : info(
            "users",
            {},
            users.map((one) => formatUser(one, simple)),
          ),
    ]),
  );
}

type Simple = (name: string, value: string | undefined) => XmlElement | undefined;

function formatUser(user: ConferenceUser, simple: Simple): XmlElement {
  const info = elementsOf(NAMESPACE);
  const { entity, displayText, roles, endpoints } = user;
  return info("user", { entity }, [
    simple("display-text", displayText),
    roles.length > 0
      ? info(
          "roles",
          {},
          roles.map((one) => info("entry", {}, [one])),
        )
      : undefined,
    ...endpoints.map((one) =>
      info("endpoint", { entity: one.entity }, [
        simple("display-text", one.displayText),
        simple("status", one.status),
        simple("joining-method", one.joiningMethod),
        simple("disconnection-method", one.disconnectionMethod),
        ...one.media.map(({ id, type, label, srcId, status }) =>
          info("media", { id }, [
            simple("type", type),
            simple("label", label),
            simple("src-id", srcId),
            simple("status", status),
          ]),
        ),
      ]),
    ),
  ]);
}
