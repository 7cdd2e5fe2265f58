/** Where more is said of a refusal. RFC 3261 §20.18. */
import { flat } from "../grammar/octets.ts";
import { parseErrorInfo } from "../message/header/error-info.ts";
import type { UriParams } from "../message/header/uri-params.ts";
import type { Response } from "../message/message.ts";
import { readJoined } from "../message/read-header.ts";
import { partsOf } from "./phone-parts.ts";
import type { CallEnd } from "./sip-error.ts";

/** More than anybody would look at. */
const MAX = 8;

/** Has calls of this phone that are refused end with where more is said of it: `end.moreAt`. */
export function explainRefusals(phone: object): void {
  partsOf(phone).agent.abilities.moreAt = moreAt;
}

//= RFC 3261 §20.18
//# The Error-Info header field provides a pointer to additional information about the error status
//# response.
/** What a refusal's Error-Info says; nothing, where it breaks the grammar. */
function moreAt(response: Response): Pick<CallEnd, "moreAt"> {
  const read = readJoined<readonly UriParams[]>(response, "Error-Info", parseErrorInfo);
  if (!read.ok || !read.value || read.value.length === 0) return {};
  return { moreAt: read.value.slice(0, MAX).map(({ uri }) => flat(uri)) };
}
