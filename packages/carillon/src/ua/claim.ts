/** INVITEs that name another dialog, to take its place or to join it. RFC 3891 §3, RFC 3911 §4. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { NO_PARAMS } from "../grammar/params.ts";
import type { HeaderField } from "../message/compose.ts";
import { formatJoin, type Join, parseJoin } from "../message/header/join.ts";
import { formatReplaces, parseReplaces } from "../message/header/replaces.ts";
import { hasHeader } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import type { CallDialog } from "./call-state.ts";
import type { Leg } from "./leg.ts";
import type { Session } from "./session.ts";

export type Claim =
  | { readonly kind: "None" }
  | { readonly kind: "Refuse"; readonly reply: Reply }
  | { readonly kind: "Replaces" | "Join"; readonly leg: Leg };

type Find = (callId: string, localTag: string) => Session | undefined;

/** Why a request is refused that names a dialog where it must not. */
export function claimObjection(request: Request): Reply | undefined {
  const [replaces, join] = [hasHeader(request, "Replaces"), hasHeader(request, "Join")];
  //= RFC 3891 §3
  //# If more than one Replaces header field is present in an INVITE, or if a Replaces header field
  //# is present in a request other than INVITE, the UAS MUST reject the request with a 400 Bad
  //# Request response.
  //= RFC 3911 §4
  //# If more than one Join header field is present in an INVITE, or if a Join header field is
  //# present in a request other than INVITE, the UAS MUST reject the request with a 400 Bad Request
  //# response.
  if ((replaces || join) && request.method !== "INVITE") return BAD;
  //= RFC 3891 §3
  //# If both a Replaces header field and another header field with contradictory semantics are
  //# present in a request, the request MUST be rejected with a 400 "Bad Request" response.
  //= RFC 3911 §4
  //# If both a Join header field and another header field with contradictory semantics (for example
  //# a Replaces [8] header field) are present in a request, the request MUST be rejected with a 400
  //# "Bad Request" response.
  return replaces && join ? BAD : undefined;
}

/** What an INVITE claims; `find` knows the sessions by Call-ID and our tag. */
export function claimOf(from: Incoming, find: Find): Claim {
  const replaces = readHeader(from.request, "Replaces", parseReplaces);
  const join = readHeader(from.request, "Join", parseJoin);
  if (!replaces.ok || !join.ok) return { kind: "Refuse", reply: BAD };
  const claim = replaces.value ?? join.value;
  if (!claim) return { kind: "None" };
  //= RFC 3891 §3
  //# In other words, the to-tag parameter is compared to the local tag, and the from-tag parameter
  //# is compared to the remote tag.
  const session = find(claim.callId, claim.toTag);
  const leg = session && legOf(session, claim.fromTag);
  //= RFC 3891 §3
  //# If no match is found, the UAS rejects the INVITE and returns a 481 Call/Transaction Does Not
  //# Exist response.
  //= RFC 3911 §4
  //# Otherwise if no match is found, the UAS rejects the INVITE and returns a 481 Call/Transaction
  //# Does Not Exist response.
  //= RFC 3891 §3
  //# Likewise, if the Replaces header field matches a dialog which was not created with an INVITE,
  //# the UAS MUST reject the request with a 481 response.
  //= RFC 3911 §4
  //# Likewise, if the Join header field matches a dialog which was not created with an INVITE, the
  //# UAS MUST reject the request with a 481 response.
  //= RFC 3891 §3
  //# If the Replaces header field matches an active dialog, the UA MUST verify that the initiator
  //# of the new INVITE is authorized to replace the matched dialog.
  //= RFC 3911 §4
  //# If the Join header field matches an active dialog (n.b. unlike the Replaces header, the Join
  //# header has no limitation on its use with early dialogs), the UA MUST verify that the initiator
  //# of the new INVITE is authorized to join the matched dialog.
  // Whoever knows both tags and the Call-ID, which nobody can guess, was told of them by one of the
  // two who talk. Nor does a match count for whoever could not speak in that dialog either: what
  // came by our server may take the place of what came by our server.
  if (!session?.way.admits(from) || !leg) return refuse(481);
  //= RFC 3891 §3
  //# If the Replaces header field matches a dialog which has already terminated, the UA SHOULD
  //# decline the request with a 603 Declined response.
  //= RFC 3911 §4
  //# If the Join header field matches a dialog which has already terminated, the UA SHOULD decline
  //# the request with a 603 Declined response.
  if (leg.standing === "Over") return refuse(603);
  if (!replaces.value) return { kind: "Join", leg };
  //= RFC 3891 §3
  //# If the flag is present, the UA rejects the request with a 486 Busy response.
  if (leg.standing === "Confirmed" && replaces.value.earlyOnly) return refuse(486);
  //= RFC 3891 §3
  //# If the Replaces header field matches an early dialog that was not initiated by this UA, it
  //# returns a 481 (Call/Transaction Does Not Exist) response to the new INVITE, and leaves the
  //# matched dialog unchanged.
  if (leg.standing === "Early" && session.begun === "Remote") return refuse(481);
  return { kind: "Replaces", leg };
}

//= RFC 3891 §6.1
//# For compatibility with dialogs initiated by RFC 2543 [9] compliant UAs, a tag of zero matches
//# both tags of zero and null.
const legOf = (session: Session, remoteTag: string): Leg | undefined =>
  session.legOf(remoteTag) ?? (remoteTag === "0" ? session.legOf("") : undefined);

/** A dialog as one side of it names it: `call.dialog`, or what was stored of it. */
export interface NamedDialog extends Pick<CallDialog, "callId" | "localTag" | "remoteTag"> {
  /** Only while nobody has answered it. RFC 3891 §4. */
  readonly earlyOnly?: boolean;
}

//= RFC 3261 §8.1.1.9
//# If the UAC wishes to insist that a UAS understand an extension that the UAC will apply to the
//# request in order to process the request, it MUST insert a Require header field into the request
//# listing the option tag for that extension.
//= RFC 3891 §4
//# The User Agent Client (UAC) places the Call-ID, to-tag, and from-tag information for the target
//# dialog in a single Replaces header field and sends the new INVITE to the target.
/**
 * What an INVITE to the other side of a dialog says, to take our place in it. Their phone must know
 * how: else it would ring as with any call.
 */
export function replacesHeaders(dialog: NamedDialog): readonly HeaderField[] {
  return [
    ["Replaces", formatReplaces({ ...mirrored(dialog), earlyOnly: dialog.earlyOnly ?? false })],
    ["Require", "replaces"],
  ];
}

//= RFC 3911 §5
//# The UAC places the Call-ID, to-tag, and from-tag information for the target dialog in a single
//# Join header field and sends the new INVITE to the target.
export function joinHeaders(dialog: NamedDialog): readonly HeaderField[] {
  return [
    ["Join", formatJoin(mirrored(dialog))],
    ["Require", "join"],
  ];
}

/** Their tag is the one that they compare with their own. */
export const mirrored = ({ callId, localTag, remoteTag }: NamedDialog): Join => ({
  callId,
  toTag: remoteTag,
  fromTag: localTag,
  params: NO_PARAMS,
});

const BAD: Reply = { status: 400 };
const refuse = (status: number): Claim => ({ kind: "Refuse", reply: { status } });
