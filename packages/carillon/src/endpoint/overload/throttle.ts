/**
 * What other servers have asked us not to send, and whether a request may go to one of them all the
 * same. RFC 7339 §5.4 to §5.7, §7.2; RFC 7415 §3.5.
 */

import type { Params } from "../../grammar/params.ts";
import type { Millis } from "../../transaction/timers.ts";
import type { Address } from "../../uri/host.ts";
import { type Algorithm, readAsked } from "./via-params.ts";

/** Servers that have asked for something; the one that did so first makes room. */
const MAX_SERVERS = 1024;
/** So much lower is no late packet: its numbers have begun anew. RFC 7339 §4.4. */
const OVERFLOW = 3600;
//= RFC 7415 §3.5.2
//# Reasonable values for TAU0, TAU1, and TAU2 are:
// In units of the interval between two requests; TAU0 is 0.
const [TAU1, TAU2] = [5, 10];
/** How the shares of the two kinds are counted: RFC 7339 §7.2. */
const MIX_MS = 5000;

interface Server {
  algorithm: Algorithm;
  value: number;
  until: Millis;
  sequence: number;
  /** RFC 7415: what is in the bucket, in ms, and when it was looked at. */
  bucketMs: number;
  bucketAt: Millis;
}

/** One for an endpoint. Times are its own. */
export class Throttle {
  readonly #servers = new Map<string, Server>();
  readonly #fraction: () => number;
  /** Requests that may be turned away, and others: of this period, and the part of the last one. */
  #counts = { plain: 0, urgent: 0, since: 0 };
  #plainPart = 0.8;

  /** `fraction` draws a number in [0, 1). */
  constructor(fraction: () => number) {
    this.#fraction = fraction;
  }

  /** Servers whose wishes hold. */
  size(now: Millis): number {
    return [...this.#servers.values()].filter(({ until }) => until > now).length;
  }

  /** A response came from there, whose topmost Via, ours, had these parameters. */
  heard(from: Address, params: Params, now: Millis): void {
    const asked = readAsked(params);
    if (!asked) return;
    const key = keyOf(from);
    const known = this.#servers.get(key);
    const isOld = known && now < known.until && !isLater(asked.sequence, known.sequence);
    if (isOld) return;
    //= RFC 7339 §5.7
    //# Furthermore, when the value of the "oc-validity" parameter is 0, the client SHOULD disregard
    //# the value in the "oc" parameter.
    if (asked.validityMs === 0 && !known) return;
    const { algorithm, value, sequence, validityMs } = asked;
    const until = now + validityMs;
    if (known) Object.assign(known, { algorithm, value, sequence, until });
    else this.#add(key, { algorithm, value, sequence, until, bucketMs: 0, bucketAt: now });
  }

  //= RFC 7339 §5.5
  //# A SIP client MUST honor overload control values it receives from downstream neighbors. The SIP
  //# client MUST NOT forward more requests to a SIP server than allowed by the current "oc" and
  //# "oc-algo" parameter values from that particular downstream server.
  //= RFC 7339 §4.1
  //# When a SIP client receives a response with the value in the "oc" parameter filled in, it MUST
  //# reduce, as indicated by the "oc" and "oc-algo" parameters, the number of requests going
  //# downstream to the SIP server from which it received the response
  /** Whether a request may go there now; `isUrgent` ones are left out last. */
  mayGo(to: Address, isUrgent: boolean, now: Millis): boolean {
    this.#count(isUrgent, now);
    const server = this.#servers.get(keyOf(to));
    if (!server) return true;
    //= RFC 7339 §5.4
    //# Stored overload control parameters MUST be reset to default values once the validity period
    //# has expired (see Section 5.7 for the detailed steps on terminating overload control).
    if (now >= server.until) {
      this.#servers.delete(keyOf(to));
      return true;
    }
    return server.algorithm === "rate"
      ? inBucket(server, isUrgent, now)
      : this.#isSpared(server.value, isUrgent);
  }

  /** RFC 7339 §7.2: plain ones pay for both, and urgent ones only for what is left then. */
  #isSpared(percent: number, isUrgent: boolean): boolean {
    const plain = 100 * this.#plainPart;
    const share = isUrgent
      ? Math.max(0, percent - plain) / Math.max(1, 100 - plain)
      : percent / Math.max(1, plain);
    return this.#fraction() >= share;
  }

  #count(isUrgent: boolean, now: Millis): void {
    const counts = this.#counts;
    if (isUrgent) counts.urgent++;
    else counts.plain++;
    if (now - counts.since < MIX_MS) return;
    this.#plainPart = counts.plain / (counts.plain + counts.urgent);
    this.#counts = { plain: 0, urgent: 0, since: now };
  }

  #add(key: string, server: Server): void {
    for (const oldest of this.#servers.keys()) {
      if (this.#servers.size < MAX_SERVERS) break;
      this.#servers.delete(oldest);
    }
    this.#servers.set(key, server);
  }
}

const isLater = (one: number, other: number): boolean => one > other || one < other - OVERFLOW;

//= RFC 7415 §3.5.1
//# If X' is less than or equal to the limit value TAU, then the new SIP request is forwarded, the
//# leaky bucket counter X is set to X' (or to 0 if X' is negative) plus the increment T, and LCT is
//# set to the current time ta(k). If X' is greater than the limit value TAU, then the new SIP
//# request is rejected, and the values of X and LCT are unchanged.
function inBucket(server: Server, isUrgent: boolean, now: Millis): boolean {
  if (server.value === 0) return false;
  const everyMs = 1000 / server.value;
  const left = server.bucketMs - (now - server.bucketAt);
  if (left > everyMs * (isUrgent ? TAU2 : TAU1)) return false;
  server.bucketMs = Math.max(0, left) + everyMs;
  server.bucketAt = now;
  return true;
}

const keyOf = ({ host, port }: Address): string => `${host} ${port}`;
