/** Keys by INFO, where media know no telephone-event: for phones that take a function for it. */
import type { Incoming } from "../endpoint/incoming.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import { flat, fromText, type Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { hasHeader, header } from "../message/headers.ts";
import type { DialogUse } from "./abilities.ts";
import type { DtmfParts, TellKey } from "./call-dtmf.ts";
import { insideOf } from "./call-inside.ts";
import { DTMF, DTMF_RELAY, formatDtmf, parseDtmf } from "./dtmf.ts";
import type { LegParts } from "./leg-parts.ts";
import { partsOf } from "./phone-parts.ts";
import { errorOf, SipError } from "./sip-error.ts";
import { badPackage } from "./trickle.ts";

/** How long a key is said to have been pressed. */
const TONE_MS = 160;

/**
 * Has calls of this phone, those that begin from now on, say keys by INFO where media cannot, and
 * hear those that the other side says so: `application/dtmf-relay` and `application/dtmf`.
 */
export function keysByInfo(phone: object): void {
  const { abilities } = partsOf(phone).agent;
  if (abilities.tellKeys) return;
  abilities.methods.set("INFO", badPackage);
  abilities.uses.push((parts) => new InfoUse(parts));
  abilities.tellKeys = tellingBy;
}

class InfoUse implements DialogUse {
  readonly #parts: LegParts;
  readonly isIdle = true;

  constructor(parts: LegParts) {
    this.#parts = parts;
  }

  request(from: Incoming): boolean {
    const { request } = from;
    //= RFC 6086 §4.2.2
    //# If a UA receives an INFO request associated with an Info Package that the UA has not
    //# indicated willingness to receive, the UA MUST send a 469 (Bad Info Package) response (see
    //# Section 11.6), which contains a Recv-Info header field with Info Packages for which the UA
    //# is willing to receive INFO requests.
    if (request.method !== "INFO" || hasHeader(request, "Info-Package")) return false;
    const server = this.#parts.side.agent.endpoint.accept(from, UNCONCERNED);
    const type = (header(request, "Content-Type") ?? "").split(";")[0] ?? "";
    const tone = parseDtmf(type.trim().toLowerCase(), flat(request.body));
    const answer = (status: number): void =>
      server?.reply({ status, headers: status === 415 ? ACCEPT : [] });
    this.#parts.user.beside({
      tell: (call) => {
        if (tone.ok) insideOf(call).pressed(tone.value);
        answer(tone.ok ? 200 : tone.error.status);
      },
      refuse: () => answer(481),
    });
    return true;
  }
}

const NO_CALL = "Keys can be pressed once the call is answered, and until it ends.";

/** Says keys in the body that theirs takes: the richer one until they refuse it. */
function tellingBy({ leg, inTurn }: DtmfParts): TellKey {
  let type = DTMF_RELAY;
  const inform = (tone: string): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const body = fromText(formatDtmf(type, { tone, durationMs: TONE_MS }));
    inTurn(() => {
      const dialog = leg();
      if (dialog?.standing !== "Confirmed") resolve(481);
      else send(dialog.parts, type, body, resolve);
    });
    return promise;
  };
  return async (tone) => {
    let status = await inform(tone);
    if (status === 415 && type === DTMF_RELAY) {
      type = DTMF;
      status = await inform(tone);
    }
    if (status === 481) throw new SipError("SIP_REJECTED", NO_CALL, status);
    if (status >= 300) throw errorOf(status);
  };
}

//= RFC 6086 §4.2.1
//# A UA MUST NOT send an INFO request outside an invite dialog usage and MUST NOT send an INFO
//# request for an Info Package inside an invite dialog usage if the remote UA has not indicated
//# willingness to receive that Info Package within that dialog.
function send(
  { side }: LegParts,
  type: string,
  body: Octets,
  done: (status: number) => void,
): void {
  const headers: readonly HeaderField[] = [["Content-Type", type]];
  const sent = side.send("INFO", headers, body, {
    response: ({ status }) => void (status >= 200 && done(status)),
    failed: (reason) => done(reason === "timeout" ? 408 : 503),
  });
  if (!sent) done(503);
}

const ACCEPT = [["Accept", `${DTMF_RELAY}, ${DTMF}`]] as const;
