/** What a session description says of how whoever wrote it speaks, in as much as a bridge asks. */

/**
 * `rtp`: plain RTP. `srtp`: keys in the description (RFC 4568). `webrtc`: ICE and DTLS-SRTP, and
 * nothing without. `both`: plain RTP, and ICE with DTLS-SRTP for whoever takes it.
 */
export type DescriptionKind = "rtp" | "srtp" | "webrtc" | "both";

/** Of the first section of sound or pictures that is not refused; undefined without any. */
export function descriptionKind(description: string): DescriptionKind | undefined {
  const [session = "", ...sections] = `\n${description}`.split("\nm=");
  const section = sections.find((one) => /^(?:audio|video) [1-9]/.test(one)) ?? "";
  if (section === "") return undefined;
  const proto = section.split(" ", 3)[2] ?? "";
  const isDtls = /\na=fingerprint:/.test(section) || /\na=fingerprint:/.test(session);
  const isIce = /\na=ice-ufrag:/.test(section) || /\na=ice-ufrag:/.test(session);
  const isSecure = /\bSAVPF?\b/.test(proto);
  if (isSecure && /\na=crypto:/.test(section) && !isDtls) return "srtp";
  if (isDtls && isIce) return isSecure ? "webrtc" : "both";
  return isSecure ? (isDtls ? "webrtc" : "srtp") : "rtp";
}

/**
 * What a device refuses that refuses this: a way of speaking, and where that is plain RTP or SRTP
 * the formats of sound as well, which may be all that it has against it: `rtp G729`.
 */
export function descriptionManner(description: string): string | undefined {
  const kind = descriptionKind(description);
  if (kind === undefined || kind === "webrtc" || kind === "both") return kind;
  const sections = `\n${description}`.split("\nm=");
  const sound = sections.find((one) => /^audio [1-9]/.test(one)) ?? "";
  const [first = ""] = sound.split("\n", 1);
  const types = first
    .trim()
    .split(" ")
    .slice(3, 3 + MAX_FORMATS);
  const names = new Map(
    [...sound.matchAll(/\na=rtpmap:(\d{1,3}) ([^/\s]{1,32})/g)].map(([, type, name]) => [
      type,
      name,
    ]),
  );
  const named = types.map((type) => names.get(type)?.toLowerCase() ?? type.slice(0, 8));
  return `${kind} ${named.sort()}`;
}

const MAX_FORMATS = 32;

/** The address in `c=` that holds for the first section; undefined without one. */
export function connectionAddress(description: string): string | undefined {
  const [session = "", section = ""] = `\n${description}`.split("\nm=", 2);
  const line = /\nc=IN IP[46] ([^\s/]+)/.exec(section) ?? /\nc=IN IP[46] ([^\s/]+)/.exec(session);
  return line?.[1];
}

/** Whether it has pictures. */
export const hasVideo = (description: string): boolean => /(?:^|\n)m=video [1-9]/.test(description);
