/**
 * What a URI of the announcement service asks for: `sip:annc@house.example;play=closed;repeat=2`.
 * RFC 4240 §3. Only names of announcements that are here, never URLs or paths of the caller.
 */
import type { SipUri } from "carillon/uri";

/** What is to be played, and how. */
export interface Announcement {
  /** The name of an announcement, in lower case. */
  readonly play: string;
  /** `en`, `en_us`; undefined for none in particular. */
  readonly locale: string | undefined;
  /** How many times; 100 stands for ever. */
  readonly repeat: number;
  /** Between two times. */
  readonly delayMs: number;
  /** What it may last in all; undefined: as long as it takes. */
  readonly durationMs: number | undefined;
  /** Before the call is answered, and it never will be. */
  readonly isEarly: boolean;
}

/** Why not: a status and the reason phrase that says it. */
export interface Objection {
  readonly status: 400 | 404;
  readonly reason: string;
}

export const NOT_FOUND: Objection = { status: 404, reason: "Announcement content not found" };

//= RFC 4240 §3
//# In this case, it is RECOMMENDED the media server implements some local policy, such as limiting
//# what "forever" means, to ensure errant clients do not create a denial of service attack.
const MOST_TIMES = 100;
const MOST_DELAY_MS = 60_000;
const MOST_DURATION_MS = 3_600_000;

/** Reads the parameters; what is not known is passed over. */
export function announcementOf({ params }: Pick<SipUri, "params">): Announcement | Objection {
  const play = params.get("play");
  //= RFC 4240 §3
  //# If the media server receives an INVITE for the announcement service without a "play="
  //# parameter, it MUST respond with the response code 400 and SHOULD send the reason phrase
  //# "Mandatory play parameter missing".
  if (!play) return { status: 400, reason: "Mandatory play parameter missing" };
  const name = nameIn(play);
  if (name === undefined) return NOT_FOUND;
  const repeat =
    params.get("repeat")?.toLowerCase() === "forever" ? MOST_TIMES : numberOf("repeat");
  const [delayMs, durationMs] = [numberOf("delay"), numberOf("duration")];
  if (Number.isNaN(repeat)) return { status: 400, reason: "Bad repeat parameter" };
  if (Number.isNaN(delayMs)) return { status: 400, reason: "Bad delay parameter" };
  if (Number.isNaN(durationMs)) return { status: 400, reason: "Bad duration parameter" };
  const locale = params.get("locale")?.toLowerCase().replace("-", "_");
  return {
    play: name,
    locale: locale !== undefined && LOCALE.test(locale) ? locale : undefined,
    repeat: Math.min(MOST_TIMES, Math.max(1, repeat ?? 1)),
    delayMs: Math.min(MOST_DELAY_MS, delayMs ?? 0),
    durationMs: durationMs && Math.min(MOST_DURATION_MS, durationMs),
    isEarly: params.get("early")?.toLowerCase() === "yes",
  };

  /** NaN for what is no number of milliseconds or times. */
  function numberOf(param: string): number | undefined {
    const text = params.get(param);
    if (text === undefined) return undefined;
    return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  }
}

/** As an announcement may be called: no dots, no slashes, nothing that a path could be made of. */
export const isAnnouncementName = (text: string): boolean =>
  /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text);

const LOCALE = /^[a-z]{2,3}(?:_[a-z]{2})?$/;
const PROVISIONED = "/provisioned/";

/** `closed`, or `/provisioned/closed`; undefined for all else: URLs, paths, what is escaped. */
function nameIn(play: string): string | undefined {
  const text = play.toLowerCase();
  const name = text.startsWith(PROVISIONED) ? text.slice(PROVISIONED.length) : text;
  return isAnnouncementName(name) ? name : undefined;
}
