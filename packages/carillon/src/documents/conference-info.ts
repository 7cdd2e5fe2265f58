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

export interface Conference {
  readonly entity: string;
  /** True once it is over. */
  readonly isOver: boolean;
  readonly subject?: string | undefined;
  readonly displayText?: string | undefined;
  readonly userCount?: number | undefined;
  readonly isActive?: boolean | undefined;
  readonly isLocked?: boolean | undefined;
  readonly users: readonly ConferenceUser[];
}

export interface ConferenceUser {
  readonly entity: string;
  readonly displayText?: string | undefined;
  readonly roles: readonly string[];
  readonly endpoints: readonly ConferenceEndpoint[];
}

export interface ConferenceEndpoint {
  readonly entity: string;
  readonly displayText?: string | undefined;
  readonly status?: (typeof STATUSES)[number] | undefined;
  readonly joiningMethod?: (typeof JOININGS)[number] | undefined;
  readonly disconnectionMethod?: (typeof DISCONNECTIONS)[number] | undefined;
  readonly media: readonly ConferenceMedium[];
}

export interface ConferenceMedium {
  readonly id: string;
  /** `audio`, `video`, … */
  readonly type?: string | undefined;
  /** The stream's, by RFC 4574. */
  readonly label?: string | undefined;
  readonly srcId?: string | undefined;
  readonly status?: (typeof MEDIUM_STATUSES)[number] | undefined;
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

export const CONFERENCE_INFO_TYPE = "application/conference-info+xml";

/** The document's tree, which `mergeConference` puts into what is known. Errors: `parseXml`'s. */
export const parseConferenceInfo = (octets: Octets): Result<XmlElement> =>
  readDocument(octets, NAMESPACE, "conference-info", "RFC 4575 §5.2");

/** What a whole document says. */
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

/** Reads a whole document at once, and no partial one. */
export function parseConference(octets: Octets): Result<Conference> {
  const root = parseConferenceInfo(octets);
  return root.ok ? ok(conferenceOf(root.value)) : root;
}

/** Writes a whole document. */
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
