/**
 * One request of a dialog over several ways to the same device: the next one where a flow has
 * failed, where nobody answers, and where an edge says so (430). Each try has a number of its own
 * in its CSeq, so that a device that hears two of them knows which is the later one.
 * RFC 5626 §7, RFC 5627 §6.1.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import { NON_INVITE_SILENCE_MS, SILENCE_MS } from "../locate/failover.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import { NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { NoAnswer, OutgoingRequest, RequestUser } from "../ua/outgoing-request.ts";
import { ackBy, type DialogWay } from "./dialog-ways.ts";

/** What it is sent with, and who hears of it. */
export interface Trying {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** In the order of trying. */
  readonly ways: readonly [DialogWay, ...DialogWay[]];
  /** Hears the first answer that is the device's own, or else what the last way has come to. */
  readonly user: RequestUser;
  send(way: DialogWay, user: RequestUser): OutgoingRequest;
  /** There was an answer by this way. */
  answered(way: DialogWay): void;
  /** A value of Via for an ACK. */
  via(flow: Flow): Octets;
}

/** Sends it by the first of these ways, and after that goes on by itself. */
export function tryWays(trying: Trying): OutgoingRequest {
  return new WaysTried(trying).begin();
}

class WaysTried implements Timed {
  readonly #trying: Trying;
  readonly #timer: Timer = newTimer(this);
  #tries = 0;
  #current: OutgoingRequest | undefined;

  constructor(trying: Trying) {
    this.#trying = trying;
  }

  begin(): OutgoingRequest {
    return this.#send(this.#trying.ways[0]);
  }

  #send(way: DialogWay): OutgoingRequest {
    const nth = ++this.#tries;
    this.#wait();
    const sent = this.#trying.send(way, {
      response: (response, essentials, request) => {
        if (nth === this.#tries) this.#heard(way, response, essentials, request);
        else this.#late(way, response, request);
      },
      failed: (reason, words) => {
        if (nth === this.#tries) this.#failed(reason, words);
      },
    });
    this.#current = sent;
    return sent;
  }

  /** Silence is told from work by a 100, which comes at once to an INVITE. */
  #wait(): void {
    const { endpoint, method, ways } = this.#trying;
    const silenceMs = method === "INVITE" ? SILENCE_MS : NON_INVITE_SILENCE_MS;
    const isLast = this.#tries === ways.length;
    endpoint.schedule(this.#timer, isLast ? NEVER : endpoint.now + silenceMs);
  }

  //= RFC 5626 §7
  //# If a request for a particular AOR and instance-id fails with a 430 (Flow Failed) response, the
  //# proxy SHOULD replace the failed branch with another target (if one is available) with the same
  //# AOR and instance-id, but a different reg-id.
  //= RFC 5626 §7
  //# If the proxy receives a final response from a branch other than a 408 (Request Timeout) or a
  //# 430 (Flow Failed) response, the proxy MUST NOT forward the same request to another target
  //# representing the same AOR and instance-id.
  #heard(
    way: DialogWay,
    response: Response,
    essentials: Essentials,
    request: OutgoingRequest,
  ): void {
    const isFlowFailed = response.status === 430 || response.status === 408;
    if (isFlowFailed && this.#next()) return;
    this.#trying.endpoint.schedule(this.#timer, NEVER);
    if (!isFlowFailed) this.#trying.answered(way);
    this.#trying.user.response(response, essentials, request);
  }

  #failed(reason: NoAnswer, words: string | undefined): void {
    const isFlowFailed = reason === "transport" || reason === "timeout";
    if (isFlowFailed && this.#next()) return;
    this.#trying.endpoint.schedule(this.#timer, NEVER);
    this.#trying.user.failed(reason, words);
  }

  /** For the wheel only: nobody has said anything by this way. */
  due(): void {
    const last = this.#current;
    // An INVITE that is answered all the same has to be acknowledged: it is left to its end.
    if (this.#next() && this.#trying.method !== "INVITE") last?.abandon();
  }

  #next(): boolean {
    const way = this.#trying.ways[this.#tries];
    if (way) this.#send(way);
    return way !== undefined;
  }

  //= RFC 3261 §13.2.2.4
  //# The UAC core MUST generate an ACK request for each 2xx received from the transaction layer.
  /** The device has heard both tries: what it says to the first one changes nothing any more. */
  #late(way: DialogWay, { status }: Response, { client }: OutgoingRequest): void {
    if (!client || this.#trying.method !== "INVITE" || status < 200 || status >= 300) return;
    const { endpoint, via } = this.#trying;
    endpoint.transmit(client.flow, ackBy(way, client.request, via(client.flow)));
  }
}
