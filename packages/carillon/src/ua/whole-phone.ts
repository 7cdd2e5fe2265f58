/** All that a phone can do at once: for programs, which are loaded from a disk. */
import { type AutoAnswer, autoAnswer } from "./answering.ts";
import { failover } from "./connector.ts";
import { honourUris } from "./honoured-uris.ts";
import { keysByInfo } from "./info-keys.ts";
import { explainRefusals } from "./more-at.ts";
import { followRedirects, type RedirectPolicy } from "./redirects.ts";
import { outbound } from "./registered.ts";
import { reliably } from "./reliable-responses.ts";
import { sessionTimers } from "./session-timer.ts";
import { transferable } from "./transferring.ts";
import type { Unheard } from "./transfers.ts";

/** How it does what not everybody wants done the same way. */
export interface WholePhoneOptions {
  /**
   * What becomes of a wish of the other side's to be called elsewhere (REFER) while nobody listens
   * at `transfers`: `follow` does as they ask, at this phone's cost. `refuse` unless it says
   * otherwise.
   */
  readonly transfers?: Unheard;
  /**
   * What becomes of calls that a 3xx sends elsewhere: they are followed, one contact after the
   * other by their q, unless it says otherwise. RFC 3261 §8.1.3.4.
   */
  readonly redirects?: RedirectPolicy;
  /**
   * Who may have this phone answer by itself, and so hear the room (Answer-Mode, RFC 5373); nobody
   * unless it says so. Such calls come out of `calls()`, too.
   */
  readonly autoAnswer?: AutoAnswer;
}

/** Has this phone do all that the functions of `carillon/calling` and `carillon/transfer` do. */
export function wholePhone(phone: object, options: WholePhoneOptions = {}): void {
  const { transfers, redirects, autoAnswer: allows } = options;
  failover(phone);
  outbound(phone);
  reliably(phone);
  sessionTimers(phone);
  transferable(phone, transfers && { unheard: transfers });
  honourUris(phone);
  followRedirects(phone, redirects);
  keysByInfo(phone);
  explainRefusals(phone);
  autoAnswer(phone, allows);
}
