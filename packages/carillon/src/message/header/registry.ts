/**
 * Every header that is known here: what RFC defines it, whether it may stand in a message more
 * than once, and how its value is read and written. Names and compact forms are the table in
 * header-name.ts, which finding headers needs and which therefore knows nothing of readers; that
 * the two tables name the same headers is in the types.
 *
 * This is for tools, tests and documentation: a program that wants one header imports its reader,
 * and not all of them.
 */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { HeaderName, KnownHeader } from "../header-name.ts";
import { formatAccept, parseAccept } from "./accept.ts";
import { formatAcceptContact, parseAcceptContact } from "./accept-contact.ts";
import { formatAcceptEncoding, parseAcceptEncoding } from "./accept-encoding.ts";
import { formatAcceptLanguage, parseAcceptLanguage } from "./accept-language.ts";
import {
  formatAcceptResourcePriority,
  parseAcceptResourcePriority,
} from "./accept-resource-priority.ts";
import { formatAlertInfo, parseAlertInfo } from "./alert-info.ts";
import { formatAlertMsgError, parseAlertMsgError } from "./alertmsg-error.ts";
import { formatAllow, parseAllow } from "./allow.ts";
import { formatAllowEvents, parseAllowEvents } from "./allow-events.ts";
import { formatAnswerMode, parseAnswerMode } from "./answer-mode.ts";
import { formatAuthenticationInfo, parseAuthenticationInfo } from "./authentication-info.ts";
import { formatAuthorization, parseAuthorization } from "./authorization.ts";
import { formatCallId, parseCallId } from "./call-id.ts";
import { formatCallInfo, parseCallInfo } from "./call-info.ts";
import { formatContact, parseContact } from "./contact.ts";
import { formatContentDisposition, parseContentDisposition } from "./content-disposition.ts";
import { formatContentEncoding, parseContentEncoding } from "./content-encoding.ts";
import { formatContentId, parseContentId } from "./content-id.ts";
import { formatContentLanguage, parseContentLanguage } from "./content-language.ts";
import { formatContentLength, parseContentLength } from "./content-length.ts";
import { formatContentType, parseContentType } from "./content-type.ts";
import { formatCSeq, parseCSeq } from "./cseq.ts";
import { formatDate, parseDate } from "./date.ts";
import { formatDiversion, parseDiversion } from "./diversion.ts";
import { formatErrorInfo, parseErrorInfo } from "./error-info.ts";
import { formatEvent, parseEvent } from "./event.ts";
import { formatExpires, parseExpires } from "./expires.ts";
import { formatFeatureCaps, parseFeatureCaps } from "./feature-caps.ts";
import { formatFlowTimer, parseFlowTimer } from "./flow-timer.ts";
import { formatFrom, parseFrom } from "./from.ts";
import { formatGeolocation, parseGeolocation } from "./geolocation.ts";
import { formatGeolocationError, parseGeolocationError } from "./geolocation-error.ts";
import { formatGeolocationRouting, parseGeolocationRouting } from "./geolocation-routing.ts";
import { formatHistoryInfo, parseHistoryInfo } from "./history-info.ts";
import { formatIdentity, parseIdentity } from "./identity.ts";
import { formatInReplyTo, parseInReplyTo } from "./in-reply-to.ts";
import { formatInfoPackage, parseInfoPackage } from "./info-package.ts";
import { formatJoin, parseJoin } from "./join.ts";
import { formatMaxBreadth, parseMaxBreadth } from "./max-breadth.ts";
import { formatMaxForwards, parseMaxForwards } from "./max-forwards.ts";
import { formatMimeVersion, parseMimeVersion } from "./mime-version.ts";
import { formatMinExpires, parseMinExpires } from "./min-expires.ts";
import { formatMinSe, parseMinSe } from "./min-se.ts";
import { formatOpaque, parseOpaque } from "./opaque.ts";
import { formatOrganization, parseOrganization } from "./organization.ts";
import { formatPAssertedIdentity, parsePAssertedIdentity } from "./p-asserted-identity.ts";
import { formatPAssertedService, parsePAssertedService } from "./p-asserted-services.ts";
import { formatPEarlyMedia, parsePEarlyMedia } from "./p-early-media.ts";
import { formatPPreferredIdentity, parsePPreferredIdentity } from "./p-preferred-identity.ts";
import { formatPPreferredService, parsePPreferredService } from "./p-preferred-services.ts";
import { formatPath, parsePath } from "./path.ts";
import { formatPermissionMissing, parsePermissionMissing } from "./permission-missing.ts";
import { formatPolicyContact, parsePolicyContact } from "./policy-contact.ts";
import { formatPolicyId, parsePolicyId } from "./policy-id.ts";
import { formatPriority, parsePriority } from "./priority.ts";
import { formatPrivAnswerMode, parsePrivAnswerMode } from "./priv-answer-mode.ts";
import { formatPrivacy, parsePrivacy } from "./privacy.ts";
import { formatProxyAuthenticate, parseProxyAuthenticate } from "./proxy-authenticate.ts";
import { formatProxyAuthorization, parseProxyAuthorization } from "./proxy-authorization.ts";
import { formatProxyRequire, parseProxyRequire } from "./proxy-require.ts";
import { formatRAck, parseRAck } from "./rack.ts";
import { formatReason, parseReason } from "./reason.ts";
import { formatRecordRoute, parseRecordRoute } from "./record-route.ts";
import { formatRecvInfo, parseRecvInfo } from "./recv-info.ts";
import { formatReferSub, parseReferSub } from "./refer-sub.ts";
import { formatReferTo, parseReferTo } from "./refer-to.ts";
import { formatReferredBy, parseReferredBy } from "./referred-by.ts";
import { formatRejectContact, parseRejectContact } from "./reject-contact.ts";
import { formatReplaces, parseReplaces } from "./replaces.ts";
import { formatReplyTo, parseReplyTo } from "./reply-to.ts";
import { formatRequestDisposition, parseRequestDisposition } from "./request-disposition.ts";
import { formatRequire, parseRequire } from "./require.ts";
import { formatResourcePriority, parseResourcePriority } from "./resource-priority.ts";
import { formatRetryAfter, parseRetryAfter } from "./retry-after.ts";
import { formatRoute, parseRoute } from "./route.ts";
import { formatRSeq, parseRSeq } from "./rseq.ts";
import { formatSecurityClient, parseSecurityClient } from "./security-client.ts";
import { formatSecurityServer, parseSecurityServer } from "./security-server.ts";
import { formatSecurityVerify, parseSecurityVerify } from "./security-verify.ts";
import { formatServer, parseServer } from "./server.ts";
import { formatServiceRoute, parseServiceRoute } from "./serviceroute.ts";
import { formatSessionExpires, parseSessionExpires } from "./session-expires.ts";
import { formatSessionId, parseSessionId } from "./session-id.ts";
import { formatSipETag, parseSipETag } from "./sip-etag.ts";
import { formatSipIfMatch, parseSipIfMatch } from "./sip-if-match.ts";
import { formatSubject, parseSubject } from "./subject.ts";
import { formatSubscriptionState, parseSubscriptionState } from "./subscription-state.ts";
import { formatSupported, parseSupported } from "./supported.ts";
import { formatTargetDialog, parseTargetDialog } from "./target-dialog.ts";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";
import { formatTo, parseTo } from "./to.ts";
import { formatTriggerConsent, parseTriggerConsent } from "./trigger-consent.ts";
import { formatUnsupported, parseUnsupported } from "./unsupported.ts";
import { formatUserAgent, parseUserAgent } from "./user-agent.ts";
import { formatUserToUser, parseUserToUser } from "./user-to-user.ts";
import { formatVia, parseVia } from "./via.ts";
import { formatWarning, parseWarning } from "./warning.ts";
import { formatWwwAuthenticate, parseWwwAuthenticate } from "./www-authenticate.ts";

/** What a header of one name is like: `headerEntry("Via")`. */
export interface HeaderEntry {
  /** Where its grammar stands, such as `RFC 3261 §20.42`. */
  readonly rfc: string;
  /**
   * `never`: once in a message. `joined`: any number of lines, which mean the same as one line
   * with commas between their values. `rows`: any number of lines, never joined.
   */
  readonly repeats: "never" | "joined" | "rows";
  /** Reads a whole value, folds undone, as `header()` and `headerLines()` give it. */
  parse(octets: Octets): Result<unknown>;
  /** Writes what `parse` reads. Throws a RangeError on what cannot be written. */
  format(value: unknown): Octets;
}

type Repeats = HeaderEntry["repeats"];

/** That reader and writer are of one type is checked here, and then forgotten. */
const entry =
  (repeats: Repeats) =>
  <T>(
    rfc: string,
    parse: (octets: Octets) => Result<T>,
    format: (value: T) => Octets,
  ): HeaderEntry => ({ rfc, repeats, parse, format: format as HeaderEntry["format"] });

const once = entry("never");
const joined = entry("joined");
const rows = entry("rows");
/** Headers whose values are kept and passed on, and not looked into. */
const opaque = (rfc: string): HeaderEntry => rows(rfc, parseOpaque, formatOpaque);

/** Every header that is known here, by its name. For a name from the wire: `headerEntry`. */
export const HEADERS: Readonly<Record<KnownHeader, HeaderEntry>> = {
  Accept: joined("RFC 3261 §20.1", parseAccept, formatAccept),
  "Accept-Contact": joined("RFC 3841 §9.2", parseAcceptContact, formatAcceptContact),
  "Accept-Encoding": joined("RFC 3261 §20.2", parseAcceptEncoding, formatAcceptEncoding),
  "Accept-Language": joined("RFC 3261 §20.3", parseAcceptLanguage, formatAcceptLanguage),
  "Accept-Resource-Priority": joined(
    "RFC 4412 §3.2",
    parseAcceptResourcePriority,
    formatAcceptResourcePriority,
  ),
  "Alert-Info": joined("RFC 3261 §20.4", parseAlertInfo, formatAlertInfo),
  "AlertMsg-Error": once("RFC 8876 §5.2", parseAlertMsgError, formatAlertMsgError),
  Allow: joined("RFC 3261 §20.5", parseAllow, formatAllow),
  "Allow-Events": joined("RFC 6665 §8.2.2", parseAllowEvents, formatAllowEvents),
  "Answer-Mode": once("RFC 5373 §2", parseAnswerMode, formatAnswerMode),
  "Authentication-Info": once("RFC 3261 §20.6", parseAuthenticationInfo, formatAuthenticationInfo),
  Authorization: rows("RFC 3261 §20.7", parseAuthorization, formatAuthorization),
  "Call-ID": once("RFC 3261 §20.8", parseCallId, formatCallId),
  "Call-Info": joined("RFC 3261 §20.9", parseCallInfo, formatCallInfo),
  Contact: joined("RFC 3261 §20.10", parseContact, formatContact),
  "Content-Disposition": once("RFC 3261 §20.11", parseContentDisposition, formatContentDisposition),
  "Content-Encoding": joined("RFC 3261 §20.12", parseContentEncoding, formatContentEncoding),
  "Content-ID": once("RFC 8262 §3.2", parseContentId, formatContentId),
  "Content-Language": joined("RFC 3261 §20.13", parseContentLanguage, formatContentLanguage),
  "Content-Length": once("RFC 3261 §20.14", parseContentLength, formatContentLength),
  "Content-Type": once("RFC 3261 §20.15", parseContentType, formatContentType),
  CSeq: once("RFC 3261 §20.16", parseCSeq, formatCSeq),
  Date: once("RFC 3261 §20.17", parseDate, formatDate),
  Diversion: joined("RFC 5806 §4", parseDiversion, formatDiversion),
  "Error-Info": joined("RFC 3261 §20.18", parseErrorInfo, formatErrorInfo),
  Event: once("RFC 6665 §8.2.1", parseEvent, formatEvent),
  Expires: once("RFC 3261 §20.19", parseExpires, formatExpires),
  "Feature-Caps": joined("RFC 6809 §6.2.1", parseFeatureCaps, formatFeatureCaps),
  "Flow-Timer": once("RFC 5626 §10", parseFlowTimer, formatFlowTimer),
  From: once("RFC 3261 §20.20", parseFrom, formatFrom),
  Geolocation: joined("RFC 6442 §4.1", parseGeolocation, formatGeolocation),
  "Geolocation-Error": once("RFC 6442 §4.4", parseGeolocationError, formatGeolocationError),
  "Geolocation-Routing": once("RFC 6442 §4.2", parseGeolocationRouting, formatGeolocationRouting),
  "History-Info": joined("RFC 7044 §5", parseHistoryInfo, formatHistoryInfo),
  Identity: rows("RFC 8224 §4", parseIdentity, formatIdentity),
  "Identity-Info": opaque("RFC 4474 §9"),
  "In-Reply-To": joined("RFC 3261 §20.21", parseInReplyTo, formatInReplyTo),
  "Info-Package": once("RFC 6086 §7.2", parseInfoPackage, formatInfoPackage),
  Join: once("RFC 3911 §7.1", parseJoin, formatJoin),
  "Max-Breadth": once("RFC 5393 §5.8", parseMaxBreadth, formatMaxBreadth),
  "Max-Forwards": once("RFC 3261 §20.22", parseMaxForwards, formatMaxForwards),
  "MIME-Version": once("RFC 3261 §20.24", parseMimeVersion, formatMimeVersion),
  "Min-Expires": once("RFC 3261 §20.23", parseMinExpires, formatMinExpires),
  "Min-SE": once("RFC 4028 §5", parseMinSe, formatMinSe),
  Organization: once("RFC 3261 §20.25", parseOrganization, formatOrganization),
  "P-Access-Network-Info": opaque("RFC 7315 §4.4"),
  "P-Answer-State": opaque("RFC 4964"),
  "P-Asserted-Identity": joined("RFC 3325 §9.1", parsePAssertedIdentity, formatPAssertedIdentity),
  "P-Asserted-Service": joined("RFC 6050 §4.4", parsePAssertedService, formatPAssertedService),
  "P-Associated-URI": opaque("RFC 7315 §4.1"),
  "P-Called-Party-ID": opaque("RFC 7315 §4.2"),
  "P-Charge-Info": opaque("RFC 8496"),
  "P-Charging-Function-Addresses": opaque("RFC 7315 §4.5"),
  "P-Charging-Vector": opaque("RFC 7315 §4.6"),
  "P-DCS-Billing-Info": opaque("RFC 5503"),
  "P-DCS-LAES": opaque("RFC 5503"),
  "P-DCS-OSPS": opaque("RFC 5503"),
  "P-DCS-Redirect": opaque("RFC 5503"),
  "P-DCS-Trace-Party-ID": opaque("RFC 5503"),
  "P-Early-Media": joined("RFC 5009 §9", parsePEarlyMedia, formatPEarlyMedia),
  "P-Media-Authorization": opaque("RFC 3313"),
  "P-Preferred-Identity": joined(
    "RFC 3325 §9.2",
    parsePPreferredIdentity,
    formatPPreferredIdentity,
  ),
  "P-Preferred-Service": joined("RFC 6050 §4.4", parsePPreferredService, formatPPreferredService),
  "P-Private-Network-Indication": opaque("RFC 7316"),
  "P-Profile-Key": opaque("RFC 5002"),
  "P-Refused-URI-List": opaque("RFC 5318"),
  "P-Served-User": opaque("RFC 5502"),
  "P-User-Database": opaque("RFC 4457"),
  "P-Visited-Network-ID": opaque("RFC 7315 §4.3"),
  Path: joined("RFC 3327 §4", parsePath, formatPath),
  "Permission-Missing": joined("RFC 5360 §5.9.3", parsePermissionMissing, formatPermissionMissing),
  "Policy-Contact": joined("RFC 6794", parsePolicyContact, formatPolicyContact),
  "Policy-ID": joined("RFC 6794", parsePolicyId, formatPolicyId),
  Priority: once("RFC 3261 §20.26", parsePriority, formatPriority),
  "Priv-Answer-Mode": once("RFC 5373 §2", parsePrivAnswerMode, formatPrivAnswerMode),
  Privacy: once("RFC 3323 §4.2", parsePrivacy, formatPrivacy),
  "Proxy-Authenticate": rows("RFC 3261 §20.27", parseProxyAuthenticate, formatProxyAuthenticate),
  "Proxy-Authorization": rows("RFC 3261 §20.28", parseProxyAuthorization, formatProxyAuthorization),
  "Proxy-Require": joined("RFC 3261 §20.29", parseProxyRequire, formatProxyRequire),
  RAck: once("RFC 3262 §7.2", parseRAck, formatRAck),
  Reason: joined("RFC 3326 §2", parseReason, formatReason),
  "Record-Route": joined("RFC 3261 §20.30", parseRecordRoute, formatRecordRoute),
  "Recv-Info": joined("RFC 6086 §7.3", parseRecvInfo, formatRecvInfo),
  "Refer-Sub": once("RFC 4488 §4", parseReferSub, formatReferSub),
  "Refer-To": once("RFC 3515 §2.1", parseReferTo, formatReferTo),
  "Referred-By": once("RFC 3892 §3", parseReferredBy, formatReferredBy),
  "Reject-Contact": joined("RFC 3841 §9.2", parseRejectContact, formatRejectContact),
  Replaces: once("RFC 3891 §6.1", parseReplaces, formatReplaces),
  "Reply-To": once("RFC 3261 §20.31", parseReplyTo, formatReplyTo),
  "Request-Disposition": joined("RFC 3841 §9.1", parseRequestDisposition, formatRequestDisposition),
  Require: joined("RFC 3261 §20.32", parseRequire, formatRequire),
  "Resource-Priority": joined("RFC 4412 §3.1", parseResourcePriority, formatResourcePriority),
  "Retry-After": once("RFC 3261 §20.33", parseRetryAfter, formatRetryAfter),
  Route: joined("RFC 3261 §20.34", parseRoute, formatRoute),
  RSeq: once("RFC 3262 §7.1", parseRSeq, formatRSeq),
  "Security-Client": joined("RFC 3329 §2.2", parseSecurityClient, formatSecurityClient),
  "Security-Server": joined("RFC 3329 §2.2", parseSecurityServer, formatSecurityServer),
  "Security-Verify": joined("RFC 3329 §2.2", parseSecurityVerify, formatSecurityVerify),
  Server: once("RFC 3261 §20.35", parseServer, formatServer),
  "Service-Route": joined("RFC 3608 §5", parseServiceRoute, formatServiceRoute),
  "Session-Expires": once("RFC 4028 §4", parseSessionExpires, formatSessionExpires),
  "Session-ID": once("RFC 7989 §5", parseSessionId, formatSessionId),
  "SIP-ETag": once("RFC 3903 §11.3.1", parseSipETag, formatSipETag),
  "SIP-If-Match": once("RFC 3903 §11.3.2", parseSipIfMatch, formatSipIfMatch),
  Subject: once("RFC 3261 §20.36", parseSubject, formatSubject),
  "Subscription-State": once("RFC 6665 §8.2.3", parseSubscriptionState, formatSubscriptionState),
  Supported: joined("RFC 3261 §20.37", parseSupported, formatSupported),
  "Target-Dialog": once("RFC 4538 §7", parseTargetDialog, formatTargetDialog),
  Timestamp: once("RFC 3261 §20.38", parseTimestamp, formatTimestamp),
  To: once("RFC 3261 §20.39", parseTo, formatTo),
  "Trigger-Consent": joined("RFC 5360 §5.11.2", parseTriggerConsent, formatTriggerConsent),
  Unsupported: joined("RFC 3261 §20.40", parseUnsupported, formatUnsupported),
  "User-Agent": once("RFC 3261 §20.41", parseUserAgent, formatUserAgent),
  "User-to-User": joined("RFC 7433 §4.1", parseUserToUser, formatUserToUser),
  Via: joined("RFC 3261 §20.42", parseVia, formatVia),
  Warning: joined("RFC 3261 §20.43", parseWarning, formatWarning),
  "WWW-Authenticate": rows("RFC 3261 §20.44", parseWwwAuthenticate, formatWwwAuthenticate),
};

/**
 * How a header of this name, which may come from the wire, is read and written; undefined where
 * it is not known here. (`HEADERS["constructor"]` would be what every object has.)
 */
export const headerEntry = (name: HeaderName): HeaderEntry | undefined =>
  Object.hasOwn(HEADERS, name) ? HEADERS[name as KnownHeader] : undefined;
