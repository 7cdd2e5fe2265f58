/**
 * How long a challenge may be over UDP. Whoever asks may have written somebody else's address on
 * the datagram, and what is answered then goes there: it must not pay to do that.
 */
import type { HashAlgorithm } from "../auth/crypto.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { lineSpan } from "../message/headers.ts";

/** One challenge of an answer. */
export interface Offer {
  readonly scheme: HashAlgorithm | "Bearer";
  /** The header's value. */
  readonly value: string;
}

/** Octets out for each one in: from so many on, and below, where every answer is long beside it. */
const [LARGE, LARGE_RATIO, SMALL_RATIO] = [600, 1.5, 3];
/** The start line, a tag, `received` (of IPv6 too) and `rport`, Server and Content-Length. */
const OWN_OCTETS = 172;
/** `Proxy-Authenticate: ` and the line's end. */
const NAME_OCTETS = 22;
const REPEATED = new Set(["Via", "From", "To", "Call-ID", "CSeq"]);

/**
 * What is left out first, where not all fits. SHA-256 stays: RFC 7616 §3.3 has everybody know it.
 * Who knows SHA-512-256 loses little by it, and MD5 is all that some desk phones know.
 */
const LEFT_OUT: readonly Offer["scheme"][] = ["Bearer", "SHA-512-256", "MD5"];

/** Those that fit into an answer to this request; one always does. */
export function fitting(from: Incoming, offers: readonly Offer[]): readonly Offer[] {
  if (from.flow.transport !== "UDP") return offers;
  let kept = offers;
  let left = octetsOf(kept) - roomIn(from);
  for (const scheme of LEFT_OUT) {
    if (left <= 0) break;
    const fewer = kept.filter((offer) => offer.scheme !== scheme);
    if (fewer.length === 0) break;
    left -= octetsOf(kept) - octetsOf(fewer);
    kept = fewer;
  }
  return kept;
}

const octetsOf = (offers: readonly Offer[]): number =>
  offers.reduce((sum, { value }) => sum + value.length + NAME_OCTETS, 0);

function roomIn({ request }: Incoming): number {
  const asked = request.text.length;
  let repeated = 0;
  for (const [line, name] of request.headers.names.entries()) {
    if (!REPEATED.has(name)) continue;
    const { start, end } = lineSpan(request, line);
    repeated += end - start;
  }
  return asked * (asked < LARGE ? SMALL_RATIO : LARGE_RATIO) - repeated - OWN_OCTETS;
}
