/** Our 2xx to an INVITE, sent again and again until its ACK comes. RFC 3261 §13.3.1.4. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import { DEFAULT_TIMERS, type Millis, NEVER } from "../transaction/timers.ts";
import type { InviteServer } from "./received-invite.ts";

const { t1, t2 } = DEFAULT_TIMERS;

export class AwaitedAck implements Timed {
  readonly #endpoint: Endpoint;
  readonly #server: InviteServer;
  readonly #text: Octets;
  readonly #until: Millis;
  readonly #timer: Timer = newTimer(this);
  #interval: Millis = t1;

  /** Sends the response, and goes on for 64*T1. */
  constructor(endpoint: Endpoint, server: InviteServer, text: Octets) {
    this.#endpoint = endpoint;
    this.#server = server;
    this.#text = text;
    this.#until = endpoint.now + 64 * t1;
    server.respond(200, text);
    endpoint.schedule(this.#timer, endpoint.now + t1);
  }

  /** Whether this ACK is for it, and not late for an earlier INVITE of the dialog. */
  isFor({ cseq }: Essentials): boolean {
    return cseq.number === this.#server.incoming.essentials.cseq.number;
  }

  /** It has come, or nobody waits for it any more. */
  stop(): void {
    this.#endpoint.schedule(this.#timer, NEVER);
  }

  //= RFC 3261 §13.3.1.4
  //# The 2xx response is passed to the transport with an interval that starts at T1 seconds and
  //# doubles for each retransmission until it reaches T2 seconds (T1 and T2 are defined in Section
  //# 17). Response retransmissions cease when an ACK request for the response is received. This is
  //# independent of whatever transport protocols are used to send the response.
  due(now: Millis): void {
    if (now >= this.#until) return;
    this.#server.respond(200, this.#text);
    this.#interval = Math.min(2 * this.#interval, t2);
    this.#endpoint.schedule(this.#timer, Math.min(now + this.#interval, this.#until));
  }
}
