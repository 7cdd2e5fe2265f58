/** Why the engine does not do something: values, with words that name what was lacking. */
import type { MediaRefusal, MediaResult } from "carillon/b2bua";

export type { MediaRefusal, MediaResult } from "carillon/b2bua";

/** What failed, as a result of anything. */
export interface Refused {
  readonly ok: false;
  readonly error: MediaRefusal;
}

/** With the warn-code that says the same to programs, where there is one. */
export const refused = (
  status: MediaRefusal["status"],
  why: string,
  more: Pick<MediaRefusal, "warning" | "retryAfterSeconds"> = {},
): Refused => ({ ok: false, error: { status, why, ...more } });

export const taken = <T>(value: T): MediaResult<T> => ({ ok: true, value });

//= RFC 3261 §20.43
//# 304 Media type not available: One or more media types contained in
//# the session description are not available.
/** No sound, or nothing that the engine carries. */
export const noMedia = (why: string): Refused => refused(488, why, { warning: 304 });

//= RFC 3261 §20.43
//# 305 Incompatible media format: One or more media formats contained
//# in the session description are not available.
/** No codec in common. */
export const noFormat = (why: string): Refused => refused(488, why, { warning: 305 });

//= RFC 3261 §20.43
//# 302 Incompatible transport protocol: One or more transport protocols
//# described in the session description are not available.
/** No ICE, no key that could be used, no port. */
export const noTransport = (why: string): Refused => refused(488, why, { warning: 302 });
