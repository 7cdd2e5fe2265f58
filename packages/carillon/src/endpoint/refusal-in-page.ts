/**
 * Requests that cannot be read, as a page has it: its server has read them before. Where the
 * headers are found, whoever sent it is told; else it is dropped. See refusal.ts for elements that
 * strangers reach.
 */
import { fromText, type Octets } from "../grammar/octets.ts";
import { NO_PARAMS } from "../grammar/params.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { topVia } from "../message/via.ts";

export const answerable = (): Request | undefined => undefined;

/** What an answer needs to know of a request: its way back. All else is only repeated. */
export function answerableEssentials(request: Request): Essentials | undefined {
  const via = topVia(request);
  if (!via.ok) return undefined;
  const nobody = { displayName: "", uri: "", params: NO_PARAMS };
  return {
    ...{ via: via.value, cseq: { number: 0, method: request.method }, callId: "" },
    ...{ from: nobody, to: nobody, fromTag: "" },
    toTag: /;[ \t]*tag[ \t]*=/i.test(header(request, "To") ?? "") ? "some" : "",
  };
}

/** The header that says in words what was wrong. RFC 3261 §20.43. */
export const explanation = (_product: string, what: string): HeaderField => [
  "Warning",
  warning("sip", what),
];

/** Its value alone. */
export const warning = (agent: string, what: string): Octets =>
  `399 ${agent} "${fromText(what).replaceAll(/["\\\r\n\0]/g, "'")}"`;
