/** The media section of an MSRP session: written and read. RFC 4975 §8, RFC 6135, RFC 5547 §6. */
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { attributeLine, flagLine, readAttribute } from "../sdp/attribute/attribute-type.ts";
import { type Direction, directionLine, directionOf } from "../sdp/attribute/direction.ts";
import { acceptTypes, acceptWrappedTypes, maxSize, path } from "../sdp/attribute/msrp.ts";
import { type Setup, setup } from "../sdp/attribute/setup.ts";
import { type Description, formatSdp, parseSdp } from "../sdp/description.ts";
import type { Attribute, Line } from "../sdp/line.ts";
import type { MediaSection } from "../sdp/media-section.ts";
import { isIpv6 } from "../uri/host.ts";
import type { MsrpUri } from "./msrp-uri.ts";
import type { TakenTypes } from "./taken.ts";

/** What one side says of a session. */
export interface MessageStream extends TakenTypes {
  /** The way to it, relays first; its own URI is the last. */
  readonly path: readonly MsrpUri[];
  /** Which way content goes. */
  readonly direction: Direction;
  /** Who opens the connection; undefined where it is not told: the offerer. RFC 6135 §4.2. */
  readonly setup: Setup | undefined;
  /** The largest message that is taken, in octets; undefined where it is not told. */
  readonly maxOctets: number | undefined;
  /** Further lines: those of a file. */
  readonly lines: readonly Line[];
}

/** Who writes a description: the same all through a call. */
export interface Author {
  /** Digits. */
  readonly sessionId: string;
  /** Digits: one more with every description that differs. */
  readonly version: number;
  /** Where more is to be had of what the session is about: `u=`. RFC 8866 §5.5. */
  readonly about?: string | undefined;
}

/** A description with one session, and all other sections of the offer refused. */
export function describeStream(
  stream: MessageStream,
  { sessionId, version, about }: Author,
  offer?: { readonly description: Description; readonly slot: number },
): string {
  const [first] = stream.path;
  if (!first) throw new RangeError("a path has at least one URI");
  const addressType = isIpv6(first.host) ? "IP6" : "IP4";
  const at = { netType: "IN", addressType, address: first.host };
  const times = offer?.description.session.filter(({ kind }) => kind === "t") ?? [];
  const session: readonly Line[] = [
    { kind: "v" },
    { kind: "o", username: "-", sessionId, sessionVersion: String(version), ...at },
    { kind: "s", text: "-" },
    ...(about === undefined ? [] : [{ kind: "u", text: fromText(about) } as const]),
    //= RFC 4975 §8.1
    //# The connection address field MUST be set to the IP address or fully qualified domain name
    //# from the MSRP URI identifying the endpoint in its path attribute.
    { kind: "c", ...at, ttl: undefined, count: undefined },
    ...(times.length > 0 ? times : [{ kind: "t", start: "0", stop: "0" } as const]),
  ];
  const own = sectionOf(stream, first);
  const media = offer
    ? offer.description.media.map((section, slot) => (slot === offer.slot ? own : without(section)))
    : [own];
  return toText(formatSdp({ session, media }));
}

function sectionOf(stream: MessageStream, first: MsrpUri): MediaSection {
  const lines: Line[] = [
    directionLine(stream.direction),
    attributeLine(acceptTypes, stream.accept),
    ...(stream.wrapped.length > 0 ? [attributeLine(acceptWrappedTypes, stream.wrapped)] : []),
    ...(stream.maxOctets === undefined ? [] : [attributeLine(maxSize, stream.maxOctets)]),
    ...(stream.setup === undefined ? [] : [attributeLine(setup, stream.setup)]),
    attributeLine(path, stream.path),
    ...stream.lines,
  ];
  //= RFC 4975 §8.1
  //# An offered or accepted media-line for MSRP over TCP MUST include a protocol field value of
  //# "TCP/MSRP", or "TCP/TLS/MSRP" for TLS. The media field value MUST be "message". The format
  //# list field MUST be set to "*".
  const proto = first.scheme === "msrps" ? "TCP/TLS/MSRP" : "TCP/MSRP";
  const port = first.port ?? DEFAULT_PORT;
  return { kind: "m", media: "message", port, portCount: undefined, proto, formats: ["*"], lines };
}

/** Where MSRP is if nobody says it. RFC 4975 §15.4. */
export const DEFAULT_PORT = 2855;

//= RFC 3264 §6
//# To reject an offered stream, the port number in the corresponding stream in the answer MUST be
//# set to zero.
const without = (section: MediaSection): MediaSection => ({
  ...{ ...section, port: 0, portCount: undefined },
  //= RFC 5547 §8.3
  //# The rejected answer MUST contained a 'file-selector' and 'file-transfer-id' attributes whose
  //# values mirror the corresponding values of the SDP offer.
  lines: section.lines.filter((line) => line.kind === "a" && MIRRORED.has(line.name)),
});

const MIRRORED: ReadonlySet<string> = new Set(["mid", "file-selector", "file-transfer-id"]);

/** The first session that is offered, and where it stands. */
export interface FoundStream {
  readonly description: Description;
  readonly slot: number;
  readonly stream: MessageStream;
}

/** Reads a description of the other side. Errors: those of `parseSdp`, `bad-msrp-session` (488). */
export function readStream(text: string): Result<FoundStream> {
  const description = parseSdp(fromText(text));
  if (!description.ok) return description;
  const { media, session } = description.value;
  const slot = media.findIndex(isMessages);
  const section = media[slot];
  if (!section) return none("no MSRP session is offered");
  const { lines } = section;
  const uris = readAttribute(lines, path);
  const accept = readAttribute(lines, acceptTypes);
  if (uris === undefined || uris.length === 0) return none("its path says nothing");
  //= RFC 4975 §8.2
  //# MSRP URIs included in an SDP offer or answer MUST include explicit port numbers.
  if (uris.some(({ port }) => port === undefined)) return none("a URI of its path has no port");
  //= RFC 4975 §8.6
  //# An SDP media-line proposing MSRP MUST be accompanied by an accept-types attribute.
  if (accept === undefined) return none("it does not say which types it takes");
  return ok({
    description: description.value,
    slot,
    stream: {
      ...{ path: uris, accept, wrapped: readAttribute(lines, acceptWrappedTypes) ?? [] },
      direction: directionOf(lines, session),
      setup: readAttribute(lines, setup),
      maxOctets: readAttribute(lines, maxSize),
      lines,
    },
  });
}

const isMessages = ({ media, port, proto }: MediaSection): boolean =>
  media === "message" && port !== 0 && /^tcp\/(?:tls\/)?msrp$/i.test(proto);

const none = (what: string) => bad("bad-msrp-session", what, 0, "RFC 4975 §8", 488);

/** Where the description says that more is to be had. RFC 8866 §5.5. */
export function aboutOf({ session }: Description): string | undefined {
  const line = session.find(({ kind }) => kind === "u");
  return line?.kind === "u" ? toText(line.text as Octets) : undefined;
}

/** Whether a description is about messages and nothing else that is wanted. */
export const isAboutMessages = (description: string): boolean =>
  /^m=message [1-9]/m.test(description) && !/^m=(?!message )\S+ [1-9]/m.test(description);

export { type Attribute, attributeLine, flagLine };
