/** Whether a received answer answers our offer. RFC 3264 §6, RFC 8843 §7.4, RFC 8842 §5. */
import { sameIgnoringCase } from "../grammar/chars.ts";
import { bad, ok, type ParseError, type Result } from "../grammar/result.ts";
import { type AgreedSlot, agreedMedia } from "./agreed-media.ts";
import { readAttributes } from "./attribute/attribute-type.ts";
import { crypto } from "./attribute/crypto.ts";
import { directionOf, hasDirection, receives, reversed, sends } from "./attribute/direction.ts";
import { isFittingSetup } from "./attribute/setup.ts";
import type { Description } from "./description.ts";
import { isRtp, isSdes, isTls, type MediaSection } from "./media-section.ts";
import {
  type Grouped,
  grouped,
  isDisabled,
  isMulticast,
  midOf,
  peerTransport,
  transportSection,
} from "./offered-media.ts";

interface Wrong {
  readonly ok: false;
  readonly error: ParseError;
}

const wrong = (what: string, source: string): Wrong => bad("bad-answer", what, 0, source, 488);

/**
 * Judges an answer to our offer: what the two make together, as `agreedMedia` tells it, or what is
 * wrong. RFC 3264 §6. Not judged, since answerers in the field break it without harm: the `t=`
 * line, the version.
 *
 * Errors: `bad-answer` (488, for an answer that came in a request: PRACK; a call is ended by BYE
 * otherwise).
 */
export function checkAnswer(
  offer: Description,
  answer: Description,
): Result<readonly AgreedSlot[]> {
  //= RFC 3264 §6
  //# The answer MUST contain exactly the same number of "m=" lines as the offer.
  if (answer.media.length !== offer.media.length) {
    const counts = `${offer.media.length} media sections were offered, ${answer.media.length} came`;
    return wrong(counts, "RFC 3264 §6");
  }
  const [ours, theirs] = [grouped(offer), grouped(answer)];
  for (const [slot, section] of offer.media.entries()) {
    const answered = answer.media[slot];
    const failure = answered && checkSection(ours, theirs, section, answered);
    if (failure) return { ok: false, error: atSlot(failure.error, slot) };
  }
  const failure = checkBundles(ours, theirs);
  return failure ?? ok(agreedMedia({ local: offer, remote: answer }, "remote"));
}

const atSlot = (error: ParseError, slot: number): ParseError => ({
  ...error,
  message: `media section ${slot}: ${error.message}`,
});

function checkSection(
  offer: Grouped,
  answer: Grouped,
  section: MediaSection,
  answered: MediaSection,
): Wrong | undefined {
  //= RFC 3264 §6.1
  //# The media type of the stream in the answer MUST match that of the offer.
  if (!sameIgnoringCase(section.media, answered.media)) {
    return wrong(`${section.media} was offered, ${answered.media} came`, "RFC 3264 §6.1");
  }
  if (isDisabled(answered)) return undefined;
  //= RFC 3264 §8.2
  //# A stream that is offered with a port of zero MUST be marked with port zero in the answer.
  if (isDisabled(section)) return wrong("not offered, but taken", "RFC 3264 §8.2");
  //= RFC 3264 §6.1
  //# If a stream is offered with a unicast address, the answer for that stream MUST contain a
  //# unicast address.
  if (isMulticast(answer.description, answered) && !isMulticast(offer.description, section)) {
    return wrong("a multicast address answers a unicast one", "RFC 3264 §6.1");
  }
  if (!sameIgnoringCase(section.proto, answered.proto)) {
    return wrong(`${section.proto} was offered, ${answered.proto} came`, "RFC 3264 §6");
  }
  const [tag, answeredTag] = [midOf(section), midOf(answered)];
  if (tag !== undefined && answeredTag !== undefined && tag !== answeredTag) {
    return wrong("another identification tag", "RFC 5888 §9.1");
  }
  return (
    checkDirection(offer, answer, section, answered) ??
    checkFormats(section, answered) ??
    checkKeys(offer, answer, section, answered) ??
    checkMux(offer, answer, section, answered)
  );
}

//= RFC 3264 §6.1
//# If a stream is offered as sendonly, the corresponding stream MUST be marked as recvonly or
//# inactive in the answer.
function checkDirection(
  offer: Grouped,
  answer: Grouped,
  section: MediaSection,
  answered: MediaSection,
): Wrong | undefined {
  const offered = reversed(directionOf(section.lines, offer.description.session));
  const direction = directionOf(answered.lines, answer.description.session);
  const isMore =
    (sends(direction) && !sends(offered)) || (receives(direction) && !receives(offered));
  // Where it is no RTP, some say nothing and mean what was offered.
  if (!isMore || (!isRtp(section.proto) && !hasDirection(answered.lines))) return undefined;
  return wrong(`${direction} answers what allows ${offered}`, "RFC 3264 §6.1");
}

//= RFC 3264 §6.1
//# For streams marked as sendrecv in the answer, the "m=" line MUST contain at least one codec the
//# answerer is willing to both send and receive, from amongst those listed in the offer.
function checkFormats(section: MediaSection, answered: MediaSection): Wrong | undefined {
  const none = wrong("none of the offered formats", "RFC 3264 §6.1");
  if (!isRtp(section.proto)) {
    const isAny = section.formats.includes("*") || answered.formats.includes("*");
    const isCommon = answered.formats.some((format) =>
      section.formats.some((own) => sameIgnoringCase(own, format)),
    );
    return isAny || isCommon ? undefined : none;
  }
  const description = (media: MediaSection): Description => ({ session: [], media: [media] });
  const agreed = { local: description(section), remote: description(answered) };
  const [slot] = agreedMedia(agreed, "remote");
  return slot && slot.codecs.length > 0 ? undefined : none;
}

function checkKeys(
  offer: Grouped,
  answer: Grouped,
  section: MediaSection,
  answered: MediaSection,
): Wrong | undefined {
  const peer = peerTransport(answer, answered);
  if (isTls(section.proto)) {
    //= RFC 8122 §5
    //# In order to associate media streams with connections and to prevent unauthorized barge-in
    //# attacks on the media streams, endpoints MUST provide a certificate fingerprint.
    if (peer.fingerprints.length === 0) return wrong("no usable fingerprint", "RFC 8122 §5");
    // The role is that of the tagged section, which is judged by itself.
    if (transportSection(answer, answered) !== answered) return undefined;
    const offered = peerTransport(offer, section).setup ?? "actpass";
    const isFitting = isFittingSetup(offered, peer.setup ?? "active");
    return isFitting ? undefined : wrong(`a=setup:${peer.setup} to ${offered}`, "RFC 4145 §4.1");
  }
  const ours = readAttributes(section.lines, crypto);
  const theirs = readAttributes(answered.lines, crypto);
  // Keys beside a protocol without SRTP are an invitation that may be passed over.
  if (!isSdes(section.proto) && theirs.length === 0) return undefined;
  //= RFC 4568 §5.1.3
  //# When the offerer receives the answer, the offerer MUST verify that one of the initially
  //# offered crypto suites and its accompanying tag were accepted and echoed in the answer.
  const isOne = ours.some(({ tag, suite }) => tag === theirs[0]?.tag && suite === theirs[0].suite);
  return isOne && theirs.length === 1 ? undefined : wrong("no offered a=crypto", "RFC 4568 §5.1.3");
}

function checkMux(
  offer: Grouped,
  answer: Grouped,
  section: MediaSection,
  answered: MediaSection,
): Wrong | undefined {
  if (!isRtp(section.proto)) return undefined;
  const [ours, theirs] = [peerTransport(offer, section), peerTransport(answer, answered)];
  if (theirs.rtcpMux && !ours.rtcpMux) {
    return wrong("a=rtcp-mux was not offered", "RFC 5761 §5.1.1");
  }
  if (ours.rtcpMuxOnly && !theirs.rtcpMux) return wrong("a=rtcp-mux is missing", "RFC 8858 §4.3");
  return undefined;
}

//= RFC 8843 §7.4
//# When an offerer receives an answer, if the answer contains a BUNDLE group, the offerer MUST
//# check that any bundled "m=" section in the answer was indicated as bundled in the corresponding
//# offer.
function checkBundles(offer: Grouped, answer: Grouped): Wrong | undefined {
  const offered = offer.bundles.map(({ tags }) => new Set(tags));
  for (const { tags } of answer.bundles) {
    const isWithin = offered.some((own) => tags.every((tag) => own.has(tag)));
    if (!isWithin) return wrong("a BUNDLE group that was not offered", "RFC 8843 §7.4");
  }
  return undefined;
}
