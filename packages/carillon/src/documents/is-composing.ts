/** That somebody is writing. RFC 3994. */
import { formatDateTime, readDateTime } from "../grammar/date-time.ts";
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import { elementsOf, textIn } from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { countOf, readDocument } from "./read-document.ts";

/** Whether somebody is writing a message right now. RFC 3994 §3.4. */
export interface IsComposing {
  /** Words of extensions are read as `idle`. RFC 3994 §3.5. */
  readonly state: "active" | "idle";
  /** When they last wrote something. */
  readonly lastActive?: Date | undefined;
  /** `text/plain`, or `text` alone. */
  readonly contentType?: string | undefined;
  /** How soon "active" is said again; undefined: it is not. */
  readonly refreshSeconds?: number | undefined;
}

const NAMESPACE = "urn:ietf:params:xml:ns:im-iscomposing";

/** The document's type, for Content-Type and Accept. RFC 3994 §8.1. */
export const IS_COMPOSING_TYPE = "application/im-iscomposing+xml";

/** Reads one. RFC 3994 §3.4. Errors (400): those of `parseXml`; `bad-document` for another root. */
export function parseIsComposing(octets: Octets): Result<IsComposing> {
  const root = readDocument(octets, NAMESPACE, "isComposing", "RFC 3994 §6");
  if (!root.ok) return root;
  const lastActiveMs = readDateTime(textIn(root.value, "lastactive") ?? "");
  const refreshSeconds = countOf(textIn(root.value, "refresh"));
  return ok({
    //= RFC 3994 §3.5
    //# Recipients of status messages implementing this specification without extensions MUST treat
    //# state tokens other than "idle" and "active" as "idle".
    state: textIn(root.value, "state") === "active" ? "active" : "idle",
    lastActive: lastActiveMs === undefined ? undefined : new Date(lastActiveMs),
    contentType: textIn(root.value, "contenttype"),
    refreshSeconds: refreshSeconds === 0 ? undefined : refreshSeconds,
  });
}

/** Writes one. Throws a RangeError on a date outside of the years 0 to 9999. */
export function formatIsComposing(composing: IsComposing): Octets {
  const { state, lastActive, contentType, refreshSeconds } = composing;
  const element = elementsOf(NAMESPACE);
  return formatXml(
    element("isComposing", {}, [
      element("state", {}, [state]),
      lastActive && element("lastactive", {}, [formatDateTime(lastActive.getTime())]),
      contentType === undefined ? undefined : element("contenttype", {}, [contentType]),
      refreshSeconds === undefined ? undefined : element("refresh", {}, [`${refreshSeconds}`]),
    ]),
  );
}
