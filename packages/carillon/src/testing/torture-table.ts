/**
 * What this server and its phones make of every torture message of RFC 4475 and of those of RFC
 * 5118: data, with the reason beside each row. The tests in `roles` and `node` hold us to it.
 */

/** What becomes of a message at the server, with the torture domains served and open to all. */
export type Outcome =
  /** Sent on to the callee's device, whose 200 comes back. */
  | { readonly is: "Forwarded" }
  /** Read and acted upon here. */
  | { readonly is: "Answered"; readonly status: number }
  /** Refused whoever it is from: before anybody is asked who they are. */
  | { readonly is: "Refused"; readonly status: number }
  /** Neither answered nor passed on. */
  | { readonly is: "Dropped" };

export interface TortureRow {
  readonly rfc: "rfc4475" | "rfc5118";
  readonly name: string;
  readonly server: Outcome;
  /** Over WebSocket, where that differs. */
  readonly webSocket?: Outcome;
  /** The first answer of a phone that lives at the Request-URI; nothing for what it drops. */
  readonly phone: number | "Dropped";
  readonly why: string;
}

/** Hosts that the messages name as the callee's or the caller's domain, or as a Route. */
export const TORTURE_DOMAINS: readonly string[] = [
  "example.com",
  "example.net",
  "example.org",
  "chair-dnrc.example.com",
  "services.example.com",
  "registrar.example.com",
  "east.example.com",
  "host.example.net",
  "ift.client.example.net",
  "127.0.0.1",
  "2001:db8::10",
  "2001:db8::10:5070",
  "2001:db8::192.0.2.1",
];

/** Where the server listens beside its usual address: in a Route, and in a Request-URI. */
export const TORTURE_ADDRESSES: readonly { readonly host: string; readonly port: number }[] = [
  { host: "127.0.0.1", port: 5080 },
  { host: "2001:db8::10", port: 5070 },
];

type Row = readonly [name: string, Outcome, phone: TortureRow["phone"], why: string, ws?: Outcome];

const forwarded: Outcome = { is: "Forwarded" };
const dropped: Outcome = { is: "Dropped" };
const answered = (status: number): Outcome => ({ is: "Answered", status });
const refused = (status: number): Outcome => ({ is: "Refused", status });

const RFC_4475: readonly Row[] = [
  // §3.1.1: valid
  ["wsinv", answered(481), 481, "read whole; its To tag names a dialog that is not ours (§12.2.2)"],
  ["intmeth", forwarded, 501, "a proxy forwards methods it does not know; a phone has no use"],
  ["esc01", forwarded, 180, "the escaped user part stays one user part"],
  ["escnull", answered(200), 405, "two users, %00 and %00%00, are two bindings"],
  ["esc02", answered(404), 501, "RE%47IST%45R is not REGISTER, and nobody lives at a mere host"],
  ["lwsdisp", forwarded, 200, "no white space is needed before <"],
  ["longreq", forwarded, 180, "within every limit of ours"],
  [
    "dblreq",
    answered(200),
    405,
    "over UDP what follows the body is discarded (§18.3); a WebSocket message is one SIP message",
    refused(400),
  ],
  ["semiuri", forwarded, 200, "the semicolon belongs to the user part"],
  ["transports", forwarded, 200, "what transports the Vias below ours name is not our affair"],
  ["mpart01", forwarded, 480, "its Route names us; the body is binary and stays so"],
  ["unreason", dropped, "Dropped", "a response to nothing we asked: RFC 6026 §8.9"],
  ["noreason", dropped, "Dropped", "a response to nothing we asked: RFC 6026 §8.9"],
  // §3.1.2: invalid
  ["badinv01", refused(400), 400, "Via breaks the grammar behind a sent-by that can be answered"],
  ["clerr", refused(400), 400, "the datagram ends before its body (§18.3)"],
  ["ncl", refused(400), 400, "a length below zero"],
  ["scalar02", refused(400), 400, "CSeq over 2**31"],
  ["scalarlg", dropped, "Dropped", "a response with a CSeq over 2**31 answers nothing of ours"],
  ["quotbal", refused(400), 400, "a quote in To stays open"],
  ["ltgtruri", refused(400), 400, "no angle brackets around a Request-URI (§7.1)"],
  ["lwsruri", refused(400), 400, "no space inside a Request-URI (§7.1)"],
  ["lwsstart", refused(400), 400, "open to choice; strict, so that all hops see one start line"],
  ["trws", refused(400), 400, "open to choice; strict, so that all hops see one start line"],
  ["escruri", forwarded, 180, "open to choice; the headers end here with the Request-URI"],
  ["baddate", forwarded, 180, "Date means nothing to us, and RFC 4475 wants it let through then"],
  ["regbadct", answered(400), 405, "looked at once the sender is known: §10.3, step 3 before 6"],
  ["badaspec", refused(400), 400, "open to choice; spaces in an addr-spec are not repaired"],
  ["baddn", refused(400), 400, "open to choice; display names and the end are not repaired"],
  ["badvers", refused(505), 505, "SIP/7.0, in Via too"],
  ["mismatch01", refused(400), 400, "two methods in one request"],
  ["mismatch02", refused(400), 400, "400 or 501; that the methods differ is seen first"],
  ["bigcode", dropped, "Dropped", "a response that is none is not answered"],
  // §3.2: transaction layer
  ["badbranch", forwarded, 200, "open to choice; an empty branch is matched as RFC 2543 does"],
  // §3.3: application layer
  ["insuf", refused(400), 400, "no Call-ID, From or To"],
  ["unkscm", refused(416), 416, "a scheme nobody knows"],
  ["novelsc", refused(416), 416, "a scheme that means nothing here"],
  ["unksm2", refused(400), 405, "a registrar needs a SIP URI in To"],
  ["bext01", refused(420), 420, "Proxy-Require at the proxy, Require at the phone"],
  ["invut", forwarded, 415, "a proxy does not look into bodies"],
  ["regaut01", refused(401), 405, "credentials of an unknown scheme are none"],
  ["multi01", refused(400), 400, "each of these stands there once"],
  ["mcl01", refused(400), 400, "two lengths"],
  ["bcast", dropped, "Dropped", "nothing goes to 255.255.255.255, as nothing was asked"],
  ["zeromf", refused(483), 200, "the proxy does not forward it; a phone is where it was going"],
  ["cparam01", answered(200), 405, "unknownparam belongs to Contact"],
  ["cparam02", answered(200), 405, "unknownparam belongs to the URI"],
  ["regescrt", answered(200), 405, "the escaped Route is kept in the binding"],
  ["sdp01", forwarded, 406, "406 or 400 where an answer would have to be SDP"],
  // §3.4: backward compatibility
  [
    "inv2543",
    forwarded,
    400,
    "no branch, From tag or length is needed; without Contact a phone has nowhere to send its BYE",
  ],
];

const RFC_5118: readonly Row[] = [
  ["ipv6-good", answered(200), 405, "§4.1: an address in brackets"],
  ["ipv6-bad", refused(400), 405, "§4.2: an address without them"],
  ["port-ambiguous", answered(200), 405, "§4.3: all of it is the address"],
  ["port-unambiguous", answered(200), 405, "§4.4: the port stands behind the brackets"],
  ["via-received-param-with-delim", answered(481), 481, "§4.5: read; its dialog is not ours"],
  ["via-received-param-no-delim", answered(200), 200, "§4.5: for the server itself"],
  ["ipv6-in-sdp.fixed", forwarded, 180, "§4.6: addresses in a body are not ours to read"],
  ["mult-ip-in-header", answered(481), 481, "§4.7: three Vias are read; its dialog is not ours"],
  ["mult-ip-in-sdp.fixed", forwarded, 180, "§4.8: one line IPv4, the other IPv6"],
  ["ipv4-mapped-ipv6.fixed", forwarded, 180, "§4.9: IPv4 inside IPv6"],
  ["ipv6-correct-abnf-2-colons", forwarded, 200, "§4.10: as RFC 5954 has it"],
  [
    "ipv6-bug-abnf-3-colons",
    forwarded,
    200,
    "§4.10: the extra colon of RFC 3261's grammar; To is left as it came (§16.6)",
  ],
];

const rows = (rfc: TortureRow["rfc"], all: readonly Row[]): readonly TortureRow[] =>
  all.map(([name, server, phone, why, webSocket]) => ({
    ...{ rfc, name, server, phone, why },
    ...(webSocket && { webSocket }),
  }));

export const TORTURE: readonly TortureRow[] = [
  ...rows("rfc4475", RFC_4475),
  ...rows("rfc5118", RFC_5118),
];

/** How a message comes. */
export type Way = "UDP" | "TCP" | "TLS" | "WebSocket";

export interface Circumstances {
  /** The torture domains served and everybody let in; else a house that asks who one is. */
  readonly open: boolean;
  readonly way: Way;
}

/** What a stream makes of a message where a datagram, which has an end, says something else. */
interface OnStream {
  readonly outcomes: readonly Outcome[];
  /** The connection: at once, or when a message has taken ten seconds. */
  readonly ends: "At once" | "Late";
}

const ON_STREAM: ReadonlyMap<string, OnStream> = new Map([
  // Nobody knows where these end, so nothing behind them can be read.
  ["ncl", { outcomes: [refused(400)], ends: "At once" }],
  ["mcl01", { outcomes: [refused(400)], ends: "At once" }],
  ["inv2543", { outcomes: [refused(400)], ends: "At once" }],
  // The second message is one of its own; its Content-Length leaves five octets that are none.
  ["dblreq", { outcomes: [answered(200), forwarded], ends: "At once" }],
  // The rest of the body, and of the headers, may still come.
  ["clerr", { outcomes: [], ends: "Late" }],
  ["baddn", { outcomes: [], ends: "Late" }],
]);

/** How the connection ends that a message came on; undefined if it goes on. */
export const streamEnd = ({ name }: TortureRow): OnStream["ends"] | undefined =>
  ON_STREAM.get(name)?.ends;

/** For each final response that comes back, the statuses it may have. */
export function finalsFor(row: TortureRow, { open, way }: Circumstances): readonly number[][] {
  return outcomesFor(row, way).flatMap((outcome) => {
    if (outcome.is === "Dropped") return [];
    if (outcome.is === "Refused") return [[outcome.status]];
    if (!open) return [[401, 403, 407]];
    if (outcome.is === "Answered") return [[outcome.status]];
    // The device's answer finds nobody where the connection was closed meanwhile.
    return isStreamWay(way) && streamEnd(row) === "At once" ? [] : [[200]];
  });
}

/** How many requests come to the callee's device. */
export const forwardedFor = (row: TortureRow, { open, way }: Circumstances): number =>
  open ? outcomesFor(row, way).filter(({ is }) => is === "Forwarded").length : 0;

function outcomesFor(row: TortureRow, way: Way): readonly Outcome[] {
  const onStream = isStreamWay(way) ? ON_STREAM.get(row.name) : undefined;
  if (onStream) return onStream.outcomes;
  return [(way === "WebSocket" ? row.webSocket : undefined) ?? row.server];
}

const isStreamWay = (way: Way): boolean => way === "TCP" || way === "TLS";
