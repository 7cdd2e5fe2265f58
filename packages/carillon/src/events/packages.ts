/** The event packages that are known. */
import {
  CONFERENCE_INFO_TYPE,
  type Conference,
  conferenceOf,
  formatConference,
  parseConferenceInfo,
} from "../documents/conference-info.ts";
import {
  DIALOG_INFO_TYPE,
  type DialogInfo,
  formatDialogInfo,
  mergeDialogInfo,
  parseDialogInfo,
} from "../documents/dialog-info.ts";
import { mergeConference } from "../documents/merge-conference.ts";
import {
  formatMessageSummary,
  MESSAGE_SUMMARY_TYPE,
  type MessageSummary,
  parseMessageSummary,
} from "../documents/message-summary.ts";
import { formatPidf, PIDF_TYPE, type Presence, parsePidf } from "../documents/pidf.ts";
import {
  formatReginfo,
  mergeReginfo,
  parseReginfo,
  REGINFO_TYPE,
  type RegistrationState,
} from "../documents/reginfo.ts";
import {
  mergeWatcherInfo,
  parseWatcherInfo,
  WATCHERINFO_TYPE,
  type WatcherState,
} from "../documents/watcherinfo.ts";
import { ok } from "../grammar/result.ts";
import type { MediaType } from "../message/header/content-type.ts";
import { type EventPackage, merging, whole } from "./event-package.ts";

/** Whether somebody is to be reached. RFC 3856. */
export const presence: EventPackage<Presence> = {
  event: "presence",
  accept: [PIDF_TYPE],
  //= RFC 3856 §6.4
  //# Therefore, the default expiration time for subscriptions within this package is 3600 seconds.
  expiresSeconds: 3600,
  //= RFC 3856 §6.9
  //# This specification only allows a single dialog to be constructed as a result of emitting an
  //# initial SUBSCRIBE request.
  forks: false,
  //= RFC 3856 §6.10
  //# A PA SHOULD NOT generate notifications for a single presentity at a rate of more than once
  //# every five seconds.
  minGapMs: 5000,
  reader: whole(parsePidf),
  write: (value) => formatPidf(value),
};

/** Somebody's calls, from each of their devices. RFC 4235. */
export const dialogs: EventPackage<DialogInfo> = {
  event: "dialog",
  accept: [DIALOG_INFO_TYPE],
  expiresSeconds: 3600,
  //= RFC 4235 §3.9
  //# As a result, a forked SUBSCRIBE request for dialog state can install multiple subscriptions.
  //# Subscribers to this package MUST be prepared to install subscription state for each NOTIFY
  //# generated as a result of a single SUBSCRIBE.
  forks: true,
  //= RFC 4235 §3.10
  //# It is RECOMMENDED that the server not generate notifications for a single subscriber faster
  //# than once every 1 second.
  minGapMs: 1000,
  reader: merging(parseDialogInfo, mergeDialogInfo, (info) => info),
  write: (value, version) => formatDialogInfo({ ...value, version, state: "full" }),
};

/** Which devices somebody has signed in. RFC 3680. */
export const registrations: EventPackage<readonly RegistrationState[]> = {
  event: "reg",
  accept: [REGINFO_TYPE],
  expiresSeconds: 3761,
  //= RFC 3680 §4.9
  //# As a result, a subscriber MUST NOT create multiple dialogs as a result of a single
  //# subscription request.
  forks: false,
  minGapMs: 5000,
  reader: merging(parseReginfo, mergeReginfo, (info) => info.registrations),
  write: (value, version) => formatReginfo({ version, state: "full", registrations: value }),
};

/** Who takes part in a conference. RFC 4575. */
export const conference: EventPackage<Conference> = {
  event: "conference",
  accept: [CONFERENCE_INFO_TYPE],
  expiresSeconds: 3600,
  forks: false,
  minGapMs: 1000,
  reader: merging(parseConferenceInfo, mergeConference, conferenceOf),
  write: (value, version) => formatConference(value, version),
};

/** How many messages wait in a mailbox. RFC 3842. */
export const messageSummary: EventPackage<MessageSummary> = {
  event: "message-summary",
  accept: [MESSAGE_SUMMARY_TYPE],
  expiresSeconds: 3600,
  forks: true,
  minGapMs: 1000,
  reader: whole(parseMessageSummary),
  write: (value) => formatMessageSummary(value),
};

/** Who watches one's presence, and who waits to be let. RFC 3857. */
export const watcherInfo: EventPackage<readonly WatcherState[]> = {
  event: "presence.winfo",
  //= RFC 3857 §4.5
  //# All watcherinfo subscribers and notifiers MUST support the application/watcherinfo+xml format
  //# described in [3], and MUST list its MIME type, application/watcherinfo+xml, in any Accept
  //# header field present in the SUBSCRIBE request.
  accept: [WATCHERINFO_TYPE],
  //= RFC 3857 §4.4
  //# We arbitrarily choose one hour.
  expiresSeconds: 3600,
  //= RFC 3857 §4.9
  //# In order for such a system to be built in an interoperable fashion, all watcherinfo
  //# subscribers MUST be prepared to install multiple subscriptions as a result of a multiplicity
  //# of NOTIFY messages in response to a single SUBSCRIBE.
  forks: true,
  minGapMs: 5000,
  reader: merging(parseWatcherInfo, mergeWatcherInfo, ({ lists }) =>
    lists.filter((one) => one.package === "presence").flatMap(({ watchers }) => watchers),
  ),
};

/** A body as it came. */
export interface RawEvent {
  /** The Content-Type of the NOTIFY, read. */
  readonly type: MediaType;
  /** A string in which each character is one octet. */
  readonly body: string;
}

/** Any other package: bodies of these types as they come. */
export const rawEvents = (event: string, accept: readonly string[]): EventPackage<RawEvent> => ({
  ...{ event, accept, expiresSeconds: 3600, forks: false, minGapMs: 1000 },
  reader: () => (body, type) => ok({ kind: "New", value: { type, body }, isTorn: false }),
  write: ({ body }) => body,
});
