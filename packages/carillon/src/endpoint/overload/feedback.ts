/**
 * What those who send to us are told about how much there is to do, in the Via of what they get
 * back: they turn away what we cannot serve, where that costs us nothing. RFC 7339 §5, RFC 7415.
 */
import type { Octets } from "../../grammar/octets.ts";
import type { Millis } from "../../transaction/timers.ts";
import type { Flow } from "../../transport/flow.ts";
import { type Algorithm, findQuestion, type Question } from "./via-params.ts";

/** Those who ask are few: other servers. Whoever was heard longest ago goes first. */
const MAX_PEERS = 1024;
/** What is told is thought over so often, and holds a little longer than that. */
const [PERIOD_MS, VALIDITY_MS] = [250, 500];
//= RFC 7339 §5.8
//# Once the server selects a specific overload control algorithm for a given client, the algorithm
//# SHOULD NOT change the algorithm associated with that client for at least 3600 seconds (1 hour).
const CHOSEN_MS = 3_600_000;
/** How much of what was too much is taken back at a time, and given again when it is not. */
const [LESS, MORE] = [0.5, 1.05];
/** Some always come: or nobody would hear that it is over. */
const LEAST = 0.01;

interface Peer {
  readonly algorithm: Algorithm;
  readonly chosenAt: Millis;
  /** Requests of this period, and how many a second the last one had. */
  requests: number;
  perSecond: number;
}

/** Who asks, and what they are told. Times are the endpoint's. */
export class Feedback {
  readonly #peers = new Map<string, Peer>();
  /** Of what they would send, how much they are to send. */
  #kept = 1;
  #seen = 0;
  #tooMuch = 0;
  #periodAt: Millis = 0;
  #sequence = "";

  /** How many are told: for status. */
  get size(): number {
    return this.#peers.size;
  }

  /** What of their requests the others are to keep to themselves: 0 to 1. */
  get share(): number {
    return 1 - this.#kept;
  }

  /** Whether this flow's peer has asked, and so turns away by itself. */
  isPeer(flow: Flow): boolean {
    return this.#peers.size > 0 && this.#peers.has(keyOf(flow));
  }

  /** A peer's new request has come; by its wait, `excess` of such are too much: 0 to 1. */
  heard(flow: Flow, excess: number, now: Millis): void {
    this.#think(now);
    this.#seen++;
    this.#tooMuch += excess;
    const peer = this.#peers.get(keyOf(flow));
    if (peer) peer.requests++;
  }

  //= RFC 7339 §4.1
  //# The downstream server MUST add a value to the "oc" parameter in the response going upstream
  //# to a client that included the "oc" parameter in the request.
  //= RFC 7339 §5.11
  //# For this reason, implementations that insert overload control information in the 100 Trying
  //# MUST re-insert the same (or updated) overload control information in the first non-100 Trying
  //# response being sent to the upstream SIP client.
  /** The response, with what is to be said where it was asked for. */
  leaving(response: Octets, flow: Flow, isOverloaded: boolean, now: Millis): Octets {
    const start = response.indexOf("\r\n") + 2;
    const question = start > 2 ? findQuestion(response, start) : undefined;
    if (!question || !VIA.test(response.slice(start, start + 5))) return response;
    this.#think(now);
    const peer = this.#peer(flow, question, now);
    const said = this.#said(peer, isOverloaded, now);
    let text = response;
    // The first of them is the last to go, and what is said takes its place.
    for (const [from, to] of question.spans) text = text.slice(0, from) + text.slice(to);
    const at = question.spans.at(-1)?.[0] ?? start;
    return text.slice(0, at) + said + text.slice(at);
  }

  //= RFC 7339 §4.3
  //# A non-zero value for the "oc-validity" parameter MUST only be present in conjunction with an
  //# "oc" parameter.
  //= RFC 7339 §4.4
  //# This parameter MUST be inserted by the SIP server in a response; it MUST NOT be inserted by
  //# the SIP client in a request.
  //= RFC 7339 §5.1
  //# If the server is currently overloaded, it MUST follow the procedures in Section 5.2.
  //= RFC 7339 §5.3
  //# The only constraint imposed by this document is that the server control algorithm MUST produce
  //# a value for the "oc" parameter that it expects the receiving SIP clients to apply to all
  //# downstream SIP requests (dialogue forming as well as in-dialogue) to this SIP server.
  //= RFC 7415 §3.4
  //# Upon detection of overload and the determination to invoke overload controls, the server MUST
  //# follow the specifications in [RFC7339] to notify its clients of the allocated target SIP
  //# request rate and to notify them that rate-based control is in effect.
  #said(peer: Peer, isOverloaded: boolean, now: Millis): Octets {
    //= RFC 7415 §3.3
    //# Selection of rate-based control MUST be indicated by servers by setting "oc-algo" to the
    //# token "rate".
    const algorithm = `;oc-algo="${peer.algorithm}"`;
    //= RFC 7339 §5.1
    //# In addition, if the server is currently not in an overload condition, it MUST set the value
    //# of the "oc" parameter to be 0 and MAY insert an "oc-validity=0" parameter in the response to
    //# further qualify the value in the "oc" parameter.
    //= RFC 7339 §5.7
    //# To do so, the SIP server MUST set the value of the "oc-validity" parameter to 0. The SIP
    //# server MUST increment the value of "oc-seq" and SHOULD set the value of the "oc" parameter
    //# to 0.
    const isCalm = !isOverloaded && this.#kept === 1;
    //= RFC 7339 §5.2
    //# Implementations that are capable of updating the "oc" and "oc-validity" parameter values
    //# during retransmissions MUST insert the "oc-seq" parameter. The value of this parameter MUST
    //# be a set of numbers drawn from an increasing sequence.
    const sequence = `;oc-seq=${this.#sequence || sequenceAt(now)}`;
    if (isCalm) return `;oc=0${algorithm};oc-validity=0${sequence}`;
    //= RFC 7339 §7.1
    //# This value MUST be in the range of [0, 100], inclusive.
    const percent = Math.round(100 * this.share);
    //= RFC 7415 §3.4
    //# The server MUST use the "oc" parameter defined in [RFC7339] to send a target SIP request
    //# rate to each of its clients.
    const rate = Math.max(1, Math.round(peer.perSecond * this.#kept));
    const value = peer.algorithm === "rate" ? rate : percent;
    return `;oc=${value}${algorithm};oc-validity=${VALIDITY_MS}${sequence}`;
  }

  //= RFC 7339 §5.1
  //# If the server determines that the message is from a new client or a client the server has not
  //# heard from in a long time, the server MUST choose one algorithm from the list of algorithms in
  //# the "oc-algo" parameter. It MUST put the chosen algorithm as the sole parameter value in the
  //# "oc-algo" parameter of the response it sends to the client.
  //= RFC 7339 §4.2
  //# When a downstream SIP server receives a request with multiple overload control algorithms
  //# specified in the "oc-algo" parameter (optionally sorted by decreasing order of preference), it
  //# chooses one algorithm from the list and MUST return the single selected algorithm to the
  //# client.
  //= RFC 7339 §4.2
  //# the server MUST respond with the agreed-to algorithm until the algorithm is changed by the
  //# server.
  //= RFC 7339 §5.1
  //# If a server receives a SIP request containing the "oc" and "oc-algo" parameters, the server
  //# MUST determine if it has already selected the overload control algorithm class with this
  //# client.
  #peer(flow: Flow, { algorithms }: Question, now: Millis): Peer {
    const key = keyOf(flow);
    const known = this.#peers.get(key);
    if (known && (algorithms.includes(known.algorithm) || now - known.chosenAt < CHOSEN_MS)) {
      return known;
    }
    const [first] = algorithms.filter((one) => one === "loss" || one === "rate");
    const algorithm = first === "rate" ? "rate" : "loss";
    const peer = { algorithm, chosenAt: now, requests: 0, perSecond: 0 } as const;
    if (this.#peers.size >= MAX_PEERS) {
      for (const oldest of this.#peers.keys()) {
        this.#peers.delete(oldest);
        break;
      }
    }
    const fresh: Peer = { ...peer };
    this.#peers.set(key, fresh);
    return fresh;
  }

  //= RFC 7415 §3.4
  //# However, the server MUST periodically evaluate its overload state and estimate a target SIP
  //# request rate beyond which it would become overloaded.
  #think(now: Millis): void {
    const tookMs = now - this.#periodAt;
    if (tookMs < PERIOD_MS) return;
    const excess = this.#seen === 0 ? 0 : this.#tooMuch / this.#seen;
    const kept = excess > 0 ? this.#kept * (1 - LESS * excess) : this.#kept * MORE;
    // Who was silent for long starts anew.
    this.#kept = tookMs > 20 * PERIOD_MS ? 1 : Math.min(1, Math.max(LEAST, kept));
    for (const peer of this.#peers.values()) {
      peer.perSecond = (1000 * peer.requests) / tookMs / this.#kept;
      peer.requests = 0;
    }
    [this.#seen, this.#tooMuch, this.#periodAt] = [0, 0, now];
    //= RFC 7339 §4.4
    //# "oc" parameter values generated by an overload control algorithm at time t and t+1 MUST have
    //# an increasing value in the "oc-seq" parameter.
    this.#sequence = sequenceAt(now);
  }
}

//= RFC 7339 §5.4
//# The scope of overload control applies to unique combinations of IP and port values.
const keyOf = ({ remote, connection }: Flow): string =>
  `${remote.host} ${remote.port} ${connection}`;

//= RFC 7339 §4.4
//# If the value contained in the "oc-seq" parameter overflows during the period in which the load
//# reduction is in effect, then the "oc-seq" parameter MUST be reset to the current timestamp or an
//# appropriate base value.
/** Seconds and milliseconds of the endpoint's time, as `1*12DIGIT "." 1*5DIGIT`. */
const sequenceAt = (now: Millis): Octets => (Math.floor(now) / 1000).toFixed(3);

const VIA = /^v(?:ia)?[ \t]*:/i;
