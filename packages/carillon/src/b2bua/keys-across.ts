/** Keys that one end of a bridged call says by INFO, and the other in its media. RFC 4733 §3.2. */
import { flat, fromText } from "../grammar/octets.ts";
import { hasHeader, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { DTMF, DTMF_RELAY, formatDtmf, parseDtmf } from "../ua/dtmf.ts";
import type { LegParts } from "../ua/leg-parts.ts";
import type { DtmfTone } from "../ua/media.ts";

/** The key that an INFO says. */
export function keyIn(request: Request): DtmfTone | undefined {
  if (request.method !== "INFO" || hasHeader(request, "Info-Package")) return undefined;
  const type = (header(request, "Content-Type") ?? "").split(";")[0] ?? "";
  const tone = parseDtmf(type.trim().toLowerCase(), flat(request.body));
  return tone.ok ? tone.value : undefined;
}

/** Says a key to whoever is at this leg by INFO, where they take such. */
export function tellKey({ side }: LegParts, tone: DtmfTone, type: string = DTMF_RELAY): void {
  if (!side.allows("INFO")) return;
  const body = fromText(formatDtmf(type, tone));
  side.send("INFO", [["Content-Type", type]], body, {
    response: ({ status }) => {
      if (status === 415 && type === DTMF_RELAY) tellKey({ side } as LegParts, tone, DTMF);
    },
    failed() {},
  });
}
