/** How a call is left: BYE, and what it says of why. RFC 3261 §15, RFC 3326. */
import type { HeaderField } from "../message/compose.ts";
import { headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { CallEnd } from "./sip-error.ts";

/** Why a call is ended, for the other side: the value of a Reason header. RFC 3326. */
export type Farewell = "HungUp" | "MediaFailed" | "Silence" | "Replaced";

export function reasonHeaders(why: Farewell): readonly HeaderField[] {
  switch (why) {
    case "HungUp":
      return [];
    case "MediaFailed":
      return [["Reason", 'SIP;cause=488;text="Voice or video did not work"']];
    case "Replaced":
      return [["Reason", 'SIP;cause=200;text="Another call took its place"']];
    case "Silence":
      return [["Reason", 'SIP;cause=408;text="Nothing was heard of this side any more"']];
  }
}

/** What a BYE says of why. */
export function endOf(bye: Request): CallEnd {
  const reasons = headerLines(bye, "Reason").join();
  if (/\bSIP\s*;\s*cause\s*=\s*488\b/i.test(reasons)) {
    const message = "Voice or video did not work on the other side.";
    return { by: "remote", code: "SIP_MEDIA", message };
  }
  if (/\bSIP\s*;\s*cause\s*=\s*408\b/i.test(reasons)) {
    const message = "The other side heard nothing of this device any more.";
    return { by: "remote", code: "SIP_TIMEOUT", message };
  }
  if (/\bSIP\s*;\s*cause\s*=\s*200\b/i.test(reasons)) {
    const message = "Another call took its place at the other side.";
    return { by: "remote", code: "SIP_REPLACED", message };
  }
  return { by: "remote", code: "SIP_HUNG_UP", message: "They hung up." };
}

export const SILENCE: CallEnd = {
  by: "network",
  code: "SIP_TIMEOUT",
  message: "The other side went silent.",
};

export const NOT_BACK: CallEnd = {
  by: "network",
  code: "SIP_TRANSPORT",
  message: "The connection did not come back in time.",
};

export const NOT_UNDERSTOOD: CallEnd = {
  by: "network",
  code: "SIP_NOT_ACCEPTABLE",
  message: "The other side answered with something that this phone does not understand.",
};
