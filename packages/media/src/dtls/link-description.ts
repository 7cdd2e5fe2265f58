/**
 * The descriptions that libdatachannel is shown: one media section, so that every RTP and RTCP
 * packet goes to the one track there is, whatever its SSRC and payload type (it drops those that
 * its description does not name). What the other side gets is made elsewhere, from what is read
 * here.
 */
import {
  addressKind,
  attributeLine,
  type Candidate,
  candidate,
  type Fingerprint,
  fingerprint,
  formatLine,
  group,
  grouped,
  type IceCredentials,
  icePwd,
  iceUfrag,
  type PeerTransport,
  parseSdp,
  peerTransport,
  type Setup,
  setup,
} from "carillon/sdp";

/** What one end of a link says of itself. */
export interface LinkEnd {
  /** `a=ice-ufrag` and `a=ice-pwd`. RFC 8839 §5.4 */
  readonly ice: IceCredentials;
  /** Those of UDP with an IP address; 32 at most. RFC 8839 §5.1 */
  readonly candidates: readonly Candidate[];
  /** Of its certificate, by the strongest hash that libdatachannel knows. RFC 8122 §5 */
  readonly fingerprint: Fingerprint;
  /** Who opens DTLS: `active` is its client. RFC 5763 §5 */
  readonly setup: Setup;
}

/** What a link can do nothing with, in words. */
export function linkEndOf(transport: PeerTransport): LinkEnd | string {
  const { ice, candidates, setup: theirs = "actpass" } = transport;
  if (!ice) return "The other side does not speak ICE, which encrypted media need here.";
  if (!transport.rtcpMux) return "The other side wants a second port for RTCP (no a=rtcp-mux).";
  const best = strongest(transport.fingerprints);
  if (!best) return "The other side names no certificate that its media could be known by.";
  return {
    ice,
    candidates: candidates.filter(isUsable).slice(0, MAX_CANDIDATES),
    fingerprint: best,
    setup: theirs,
  };
}

/** As text, for libdatachannel. `withData`: data channels beside media. */
export function describeLink(
  { ice, candidates, fingerprint: print, setup: role }: LinkEnd,
  withData = false,
): string {
  const lines = [
    attributeLine(iceUfrag, ice.ufrag),
    attributeLine(icePwd, ice.pwd),
    attributeLine(fingerprint, print),
    attributeLine(setup, role),
    ...candidates.map((each) => attributeLine(candidate, each)),
  ];
  const tags = attributeLine(group, { semantics: "BUNDLE", tags: withData ? ["0", "1"] : ["0"] });
  const own = [...SESSION, formatLine(tags), ...SECTION, ...lines.map(formatLine)];
  return [...own, ...(withData ? DATA_SECTION : []), ""].join("\r\n");
}

/** `candidate:…`, as libdatachannel takes one that comes later. */
export const candidateText = (each: Candidate): string =>
  formatLine(attributeLine(candidate, each)).slice("a=".length);

/** What libdatachannel says of itself. */
export function readLink(text: string): LinkEnd {
  const parsed = parseSdp(text);
  const [section] = parsed.ok ? parsed.value.media : [];
  if (!parsed.ok || !section) throw new Error("libdatachannel wrote no description");
  const end = linkEndOf(peerTransport(grouped(parsed.value), section));
  if (typeof end === "string") throw new Error(`libdatachannel: ${end}`);
  return end;
}

/** Best first; of what libdatachannel can check. */
const STRENGTH: readonly string[] = ["sha-512", "sha-384", "sha-256", "sha-224", "sha-1"];

function strongest(prints: readonly Fingerprint[]): Fingerprint | undefined {
  return STRENGTH.flatMap((hash) => prints.find((print) => print.hash === hash) ?? [])[0];
}

//= RFC 8839 §5.1
//# An agent processing remote candidates MUST ignore "candidate" lines that include candidates with
//# FQDNs or IP address versions that are not supported or recognized.
/** Whether libdatachannel can try it. */
export const isUsable = ({ component, transport, address }: Candidate): boolean =>
  component === 1 && transport.toLowerCase() === "udp" && addressKind(address) !== "FQDN";

const MAX_CANDIDATES = 32;

const SESSION = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"];
const SECTION = [
  "m=audio 9 UDP/TLS/RTP/SAVPF 0",
  "c=IN IP4 0.0.0.0",
  "a=mid:0",
  "a=sendrecv",
  "a=rtcp-mux",
];
const DATA_SECTION = [
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 0.0.0.0",
  "a=mid:1",
  "a=sctp-port:5000",
  "a=max-message-size:65536",
];
