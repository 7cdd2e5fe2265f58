/**
 * Descriptions that leave it to the other side whether sound is encrypted: plain RTP in the `m=`
 * line, and below it all that ICE and DTLS-SRTP need. RFC 8643.
 *
 * A phone that knows neither answers as to any other offer of plain RTP; a page, for which the `m=`
 * line's protocol says nothing (RFC 8829 §5.1.2), answers with its own fingerprint.
 */
import { fromText, toText } from "carillon/message";
import {
  type Attribute,
  attributeLine,
  candidate,
  connectionOf,
  type Description,
  endOfCandidates,
  fingerprint,
  formatSdp,
  group,
  grouped,
  icePwd,
  iceUfrag,
  type Line,
  type MediaSection,
  mid,
  type PeerTransport,
  parseSdp,
  peerTransport,
  setup,
  tlsId,
} from "carillon/sdp";
import { linkEndOf } from "../dtls/link-description.ts";

/**
 * What is told of ICE, of DTLS and of BUNDLE, without which pages take nothing; but not
 * `a=rtcp-mux-only`: plain RTP may have a second port.
 */
const KEYING: ReadonlySet<string> = new Set(
  [iceUfrag, icePwd, candidate, endOfCandidates, fingerprint, setup, tlsId, group, mid].map(
    ({ name }) => name,
  ),
);
const isKeying = (line: Line): boolean => line.kind === "a" && KEYING.has(line.name);

//= RFC 8643 §3.1
//# To indicate support for OSRTP in an SDP offer, the offerer uses the RTP/AVP profile [RFC3551] or
//# the RTP/AVPF profile [RFC4585] but includes SRTP keying attributes.
/** One offer of two: of plain RTP, and the same sound over DTLS-SRTP. */
export function offeringBoth(plain: string, secure: string): string {
  const [open, keyed] = [parsed(plain), parsed(secure)];
  const [section, theirs] = [open?.media[0], keyed?.media[0]];
  if (!open || !keyed || !section || !theirs) return plain;
  const keying = theirs.lines.filter(isKeying);
  const lines = [...section.lines, ...defaultCandidate(open, section), ...keying];
  const session = [...open.session, ...keyed.session.filter(isKeying)];
  return written({ session, media: [{ ...section, lines }] });
}

/** The answer of who took plain RTP, without what may have been copied from the offer. */
export function plainAnswer(text: string): string {
  const description = parsed(text);
  if (!description) return text;
  const without = (lines: readonly Line[]) => lines.filter((line) => !isKeying(line));
  const media = description.media.map((one) => ({ ...one, lines: without(one.lines) }));
  return written({ session: without(description.session), media });
}

//= RFC 8839 §4.2.5
//# The agents will proceed with the ICE procedures defined in [RFC8445] and this specification if,
//# for each data stream in the SDP it received, the default destination for each component of that
//# data stream appears in a "candidate" attribute.
/**
 * Where plain RTP comes to, as a candidate, so that the default destination is one: the last to be
 * tried. Nobody answers a check there, as with any candidate that a firewall is before.
 */
function defaultCandidate(description: Description, section: MediaSection): readonly Attribute[] {
  const address = connectionOf(description, section)?.address;
  if (address === undefined) return [];
  return [
    attributeLine(candidate, {
      ...{ foundation: "plain", component: 1, transport: "UDP", priority: LAST },
      ...{ address, port: section.port, type: "host" },
      ...{ relatedAddress: undefined, relatedPort: undefined, tcpType: undefined },
      extensions: [],
    }),
  ];
}

const LAST = 1;

/** Whether its first sound is plain RTP that may be encrypted, in the only way we have. */
export function isOpportunistic(text: string): boolean {
  const transport = plainTransport(text);
  return transport !== undefined && typeof linkEndOf(transport) !== "string";
}

/** Whether it takes up such an offer: there is no sound then but the encrypted one. */
export const isKeyed = (text: string): boolean =>
  (plainTransport(text)?.fingerprints.length ?? 0) > 0;

function plainTransport(text: string): PeerTransport | undefined {
  const description = parsed(text);
  const section = description && soundOf(description);
  if (!description || !section || !isPlain(section.proto)) return undefined;
  return peerTransport(grouped(description), section);
}

/** The protocol of its first sound. */
export function protoOf(text: string): string | undefined {
  const description = parsed(text);
  return description && soundOf(description)?.proto;
}

/** The same with this protocol wherever there is sound. */
export function withProto(text: string, proto: string): string {
  const description = parsed(text);
  if (!description) return text;
  const media = description.media.map((one) => (isSound(one) ? { ...one, proto } : one));
  return written({ ...description, media });
}

//= RFC 3264 §8
//# When issuing an offer that modifies the session, the "o=" line of the new SDP MUST be identical
//# to that in the previous SDP, except that the version in the origin field MUST increment by one
//# from the previous SDP.
/** The same as a later version of the session that `first` began. */
export function continuing(first: string, text: string): string {
  const [before, now] = [parsed(first), parsed(text)];
  const origin = before?.session.find((line) => line.kind === "o");
  if (!origin || !now) return text;
  const session = now.session.map(
    (line): Line => (line.kind === "o" ? { ...origin, sessionVersion: line.sessionVersion } : line),
  );
  return written({ ...now, session });
}

const isPlain = (proto: string): boolean => /^RTP\/AVPF?$/i.test(proto);

const isSound = ({ media }: MediaSection): boolean => media === "audio";
const soundOf = ({ media }: Description): MediaSection | undefined =>
  media.find((one) => isSound(one) && one.port !== 0);

function parsed(text: string): Description | undefined {
  const description = parseSdp(fromText(text));
  return description.ok ? description.value : undefined;
}

const written = (description: Description): string => toText(formatSdp(description));
