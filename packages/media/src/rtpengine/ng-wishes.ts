/** What a side is, in rtpengine's words: how it is to be described something. */
import type { OfferWish, Side } from "carillon/b2bua";
import type { Octets } from "carillon/sdp";
import {
  candidate,
  connectionOf,
  type Description,
  formatSdp,
  type Line,
  type MediaSection,
  parseSdp,
  readAttribute,
} from "carillon/sdp";
import type { Bencoded } from "./bencode.ts";

type Entries = { readonly [key: string]: Bencoded };

/** What rtpengine can make of anything else. */
const OWN_SOUND = ["opus", "G722", "PCMU", "PCMA"];

/** Suites of SRTP that encrypt nothing, which rtpengine offers and takes beside the others. */
const UNENCRYPTED = ["NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_32"];

const REPLACED = ["origin", "session-connection"];

/** For an offer of one side to another. */
export function offerWishes(from: Side, to: Side, wish: OfferWish): Entries {
  const codecs = (wish.codecs ?? OWN_SOUND).filter((name) =>
    OWN_SOUND.some((own) => own.toLowerCase() === name.toLowerCase()),
  );
  return {
    ...transportWishes(to),
    // Towards who offers: checks and a handshake that come before the answer are with nobody.
    DTLS: from.transport === "webrtc" || to.transport === "webrtc" ? "passive" : "off",
    ...(from.transport === "webrtc" && { "ICE-lite": "backward" }),
    codec: { transcode: [...codecs, "telephone-event"] },
    "transport-protocol": protocolOf(to),
    "rtcp-mux": [to.transport === "webrtc" ? "offer" : "demux"],
  };
}

/** For an answer to this side. */
export const answerWishes = (to: Side): Entries => ({
  ...transportWishes(to),
  "rtcp-mux": [to.transport === "webrtc" ? "accept" : "demux"],
});

/**
 * With `pad`, keys have the `=` at their end that makes them whole base64: RFC 4568 §6.1 lets
 * whoever reads them pass it over, rtpengine leaves it out, and some phones do not take that.
 */
function transportWishes({ transport, address }: Side): Entries {
  const isWebrtc = transport === "webrtc";
  return {
    ICE: isWebrtc ? "force" : "remove",
    DTLS: isWebrtc ? "passive" : "off",
    SDES: [isWebrtc ? "off" : "pad", ...UNENCRYPTED.map((suite) => `no-${suite}`)],
    flags: isWebrtc ? ["generate-mid"] : [],
    replace: REPLACED,
    "address-family": address.includes(":") ? "IP6" : "IP4",
  };
}

function protocolOf({ transport }: Side): string {
  if (transport === "webrtc") return "UDP/TLS/RTP/SAVPF";
  return transport === "srtp" ? "RTP/SAVP" : "RTP/AVP";
}

/**
 * A description as rtpengine takes it: it knows no address that ICE has yet to find, and takes
 * 0.0.0.0 for a call that is held; without pictures where none are wanted. What cannot be read goes
 * as it is, and is refused there.
 */
export function forRtpengine(text: Octets, audioOnly: boolean): Octets {
  const parsed = parseSdp(text);
  if (!parsed.ok) return text;
  const { session, media } = parsed.value;
  const sections = media.map((section) => {
    if (audioOnly && section.media === "video") return { ...section, port: 0 };
    return withAddress(parsed.value, section);
  });
  return formatSdp({ session, media: sections });
}

/** What rtpengine copies to the other side, and means nothing there or something else. */
const OF_THE_OTHER = new Set("rtcp-mux-only tls-id end-of-candidates".split(" "));
/** Without DTLS-SRTP: its keys, too. */
const OF_BROWSERS: ReadonlySet<string> = new Set([
  ...["fingerprint", "setup", "mid", "group", "msid", "msid-semantic", "ssrc", "ssrc-group"],
  ...["extmap", "extmap-allow-mixed", "rtcp-rsize", "ice-options"],
]);

/** A description as rtpengine makes it, without what it has left of the other side's in it. */
export function fromRtpengine(text: Octets, { transport }: Side): Octets {
  const parsed = parseSdp(text);
  if (!parsed.ok) return text;
  const isKept = (line: Line): boolean =>
    line.kind !== "a" ||
    (!OF_THE_OTHER.has(line.name) && (transport === "webrtc" || !OF_BROWSERS.has(line.name)));
  const { session, media } = parsed.value;
  const kept = {
    session: session.filter(isKept),
    media: media.map((section) => ({ ...section, lines: section.lines.filter(isKept) })),
  };
  return formatSdp(transport === "webrtc" ? bundled(kept) : kept);
}

/**
 * With its first section as a bundle of one. rtpengine 10.5 knows no BUNDLE and leaves the group
 * out; a browser that bundles as much as it can takes no description without one.
 */
function bundled({ session, media: [first, ...more] }: Description): Description {
  const hasGroup = session.some((line) => line.kind === "a" && line.name === "group");
  if (first === undefined || hasGroup) return { session, media: first ? [first, ...more] : more };
  const found = first.lines.find((line) => line.kind === "a" && line.name === "mid");
  const mid = found?.kind === "a" && found.value !== undefined ? found.value : "0";
  const own = found ? first : { ...first, lines: [...first.lines, attribute("mid", mid)] };
  const media = [own, ...more];
  return { session: [...session, attribute("group", `BUNDLE ${mid}`)], media };
}

const attribute = (name: string, value: string): Line => ({ kind: "a", name, value });

function withAddress(description: Description, section: MediaSection): MediaSection {
  const first = readAttribute(section.lines, candidate);
  if (!first || connectionOf(description, section)?.address !== "0.0.0.0") return section;
  const addressType = first.address.includes(":") ? "IP6" : "IP4";
  const { address } = first;
  const line: Line = {
    ...{ kind: "c", netType: "IN", addressType, address, ttl: undefined, count: undefined },
  };
  return { ...section, lines: [line, ...section.lines.filter(({ kind }) => kind !== "c")] };
}
