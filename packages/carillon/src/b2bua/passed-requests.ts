/**
 * Requests in the dialog of one side that the agent has no say in: INFO, MESSAGE, and whatever
 * methods there are to come. They go on to the other side, and its answer comes back; keys go the
 * way that the other side's media take them. RFC 7092 §3.1.2.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import { flat, fromText } from "../grammar/octets.ts";
import { hasHeader, header } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import type { DialogUse } from "../ua/abilities.ts";
import { DTMF, DTMF_RELAY, formatDtmf, parseDtmf } from "../ua/dtmf.ts";
import type { LegParts } from "../ua/leg-parts.ts";
import type { DtmfTone } from "../ua/media.ts";
import { type Passing, passedHeaders } from "./passed-headers.ts";

/** What a side has to do with the other one. */
export interface Opposite {
  /** The dialog of the other side; undefined while there is none that is answered. */
  leg(): LegParts | undefined;
  /**
   * Has the engine press a key towards the other side. False: media cannot say it, so that it is
   * said by INFO.
   */
  press?(tone: DtmfTone): boolean;
  readonly passing: Passing;
}

/** At a time, and in each direction: more than anybody asks. */
const MAX_OPEN = 32;

/** Made for each leg: takes what nobody else in it does. */
export class PassedRequests implements DialogUse {
  readonly isIdle = true;
  readonly #parts: LegParts;
  readonly #opposite: Opposite;
  #open = 0;

  constructor(parts: LegParts, opposite: Opposite) {
    this.#parts = parts;
    this.#opposite = opposite;
  }

  request(from: Incoming): boolean {
    const { endpoint } = this.#parts.side.agent;
    const server = endpoint.accept(from, UNCONCERNED);
    if (!server) return true;
    const tone = keyIn(from.request);
    if (tone && this.#opposite.press?.(tone)) server.reply({ status: 200 });
    else this.#pass(server);
    return true;
  }

  #pass(server: ServerTransaction): void {
    const { request } = server.incoming;
    const there = this.#opposite.leg();
    if (!there?.isOpen()) return void server.reply({ status: 480 });
    if (this.#open >= MAX_OPEN) return void server.reply(BUSY);
    const { passing } = this.#opposite;
    const { method } = request;
    const headers = passedHeaders(request, passing, method);
    this.#open++;
    const answer = (reply: Reply): void => {
      this.#open--;
      server.reply(reply);
    };
    const sent = there.side.send(method, headers, flat(request.body), {
      response: (response) => {
        if (response.status >= 200) answer(replyOf(response, passing));
      },
      failed: (reason) => answer({ status: reason === "timeout" ? 408 : 503 }),
    });
    if (!sent) answer({ status: 503 });
  }
}

/** The same answer for whoever asked on the other side. RFC 3261 §8.2.6. */
function replyOf(response: Response, passing: Passing): Reply {
  const { status, reasonPhrase } = response;
  // A challenge is for the agent, which has nothing to answer it with: the asker cannot either.
  if (status === 401 || status === 407) return { status: 403 };
  const body = flat(response.body);
  return {
    status,
    reasonPhrase: flat(reasonPhrase),
    headers: passedHeaders(response, passing),
    body,
  };
}

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

const BUSY: Reply = { status: 500, headers: [["Retry-After", "2"]] };
