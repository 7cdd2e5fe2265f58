/** Why a bridged call does not come to be, or ends: by codes, and for people in words. */
import { explanation } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import { fromText, type Octets } from "../grammar/octets.ts";
import { quote } from "../grammar/quoted.ts";
import type { HeaderField } from "../message/compose.ts";
import type { CallEnd } from "../ua/sip-error.ts";
import type { MediaRefusal } from "./media-engine.ts";

/** What an engine's refusal is answered with: the warning that programs know, and our own words. */
export function refusalReply(refusal: MediaRefusal, product: Octets): Reply {
  const { status, why, warning, retryAfterSeconds } = refusal;
  const words = explanation(product, why);
  const coded: HeaderField[] = warning === undefined ? [] : [["Warning", recoded(words, warning)]];
  const later: HeaderField[] =
    retryAfterSeconds === undefined ? [] : [["Retry-After", `${retryAfterSeconds}`]];
  return { status, headers: [words, ...coded, ...later] };
}

const recoded = ([, value]: HeaderField, code: number): Octets => `${code}${value.slice(3)}`;

/** Why both sides are left, for the BYE: RFC 3326. */
export const reasonOf = (status: number, why: string): readonly HeaderField[] => [
  ["Reason", `SIP;cause=${status};text=${quote(fromText(why.replaceAll(/[\r\n\0]/g, " ")))}`],
];

/** Why the other side is left: in the words of whoever ended it, where there are any. */
export const farewellOf = ({ by, code, message }: CallEnd): readonly HeaderField[] =>
  code === "SIP_HUNG_UP" ? [] : reasonOf(by === "network" ? 408 : 488, message);
