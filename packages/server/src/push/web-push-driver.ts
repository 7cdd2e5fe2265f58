/** Web push: RFC 8030, encrypted by RFC 8291, and in our name by RFC 8292. */
import { type LookupAddress, lookup } from "node:dns";
import { Agent, request } from "node:https";
import type { LookupFunction } from "node:net";
import { isPublicAddress } from "carillon/locate";
import type { PushAddress } from "carillon/roles";
import webPush from "web-push";
import { type Push, type PushDriver, type Sent, wayOf } from "./push-driver.ts";
import { isPushEndpoint } from "./push-hosts.ts";
import type { VapidKeys } from "./vapid-keys.ts";

/** What a browser gave a page, for us to encrypt for. RFC 8291 §2. */
export interface SubscriptionKeys {
  readonly p256dh: string;
  readonly auth: string;
}

export interface WebPushParts {
  readonly keys: VapidKeys;
  /** Whom a push service can write to: a `mailto:` or `https:` URI. RFC 8292 §2.1. */
  readonly subject: string;
  /** Hosts, with their ports, beside the push services of browsers. They may be anywhere. */
  readonly hosts: readonly string[];
  /** Authorities that are believed beside the usual ones, PEM. */
  readonly ca: readonly string[] | undefined;
  /** Those of this account's subscription; undefined: it has taken that back. */
  keysOf(account: string, endpoint: string): SubscriptionKeys | undefined;
}

const TIMEOUT_MS = 10_000;
/** What a push service may say at most. */
const MAX_ANSWER = 4096;

export function webPushDriver(parts: WebPushParts): PushDriver {
  const { keys, hosts, ca } = parts;
  const agents = {
    open: new Agent({ keepAlive: true, maxSockets: 8, ...(ca && { ca: [...ca] }) }),
    guarded: new Agent({ keepAlive: true, maxSockets: 8, lookup: publicOnly }),
  };
  return {
    provider: "webpush",
    vapid: keys.publicKey,
    //= RFC 8599 §12
    //# The value of the 'pn-prid' URI parameter is the push subscription URI.
    accepts: ({ prid, param }: PushAddress) => param === undefined && isPushEndpoint(prid, hosts),
    async send(push): Promise<Sent> {
      const endpoint = push.asked.push.prid;
      const { account, isForeign = false } = push.asked;
      // Whoever lives elsewhere has given their keys to nobody here.
      const subscription = isForeign ? undefined : parts.keysOf(account, endpoint);
      if (!subscription && !isForeign)
        return { kind: "Gone", why: "its owner has taken the subscription back" };
      if (!isPushEndpoint(endpoint, hosts)) return { kind: "Refused", why: "no push service" };
      try {
        const made = composed(endpoint, subscription, push, parts);
        const isNamed = hosts.includes(new URL(endpoint).host);
        return answered(await post(made, isNamed ? agents.open : agents.guarded));
      } catch (error) {
        return { kind: "Later", why: `no way: ${wordsOf(error)}`, afterMs: 1000 };
      }
    },
    close() {
      agents.open.destroy();
      agents.guarded.destroy();
    },
  };
}

type Made = ReturnType<typeof webPush.generateRequestDetails>;

//= RFC 8599 §12
//# Web push permits the sending of a push message without a payload without encryption.
/** Without keys it says nothing but that it came. */
function composed(
  endpoint: string,
  keys: SubscriptionKeys | undefined,
  push: Push,
  { keys: own, subject }: WebPushParts,
): Made {
  const { ttlSeconds: TTL, isUrgent, topic } = wayOf(push);
  return webPush.generateRequestDetails(
    { endpoint, keys: { ...(keys ?? { p256dh: "", auth: "" }) } },
    keys && JSON.stringify(push.note),
    {
      ...{ TTL, urgency: isUrgent ? "high" : "normal" },
      ...(topic && { topic }),
      vapidDetails: { subject, ...own },
    },
  );
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Redirections are not followed: they could lead anywhere. */
function post({ endpoint, method, headers, body }: Made, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request(endpoint, { agent, method, headers, signal }, (response) => {
      let octets = 0;
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > MAX_ANSWER) response.destroy();
      });
      const { statusCode: status = 0, headers: said } = response;
      response.on("error", () => {});
      response.on("close", () => resolve({ status, retryAfter: said["retry-after"] }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

// RFC 8030 §7.3: A push service MUST return a 400-series status code, such as 410 (Gone), if an
// application
// server attempts to send a push message to a removed or expired push message subscription.
function answered({ status, retryAfter }: Answer): Sent {
  const why = `the push service said ${status}`;
  if (status >= 200 && status < 300) return { kind: "Sent" };
  if (status === 404 || status === 410) return { kind: "Gone", why };
  if (status === 429 || status >= 500) {
    const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : 1;
    return { kind: "Later", why, afterMs: seconds * 1000 };
  }
  return { kind: "Refused", why };
}

/** A name that leads into our own network leads nowhere, whatever the DNS says at that moment. */
const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error) return callback(error, "");
    const open = found.filter(({ address }) => isPublicAddress(address));
    const [first] = open;
    if (!first) return callback(new Error(`${hostname} is not on the public internet`), "");
    if (options.all) callback(null, open);
    else callback(null, first.address, first.family);
  });
};

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, 200) : "unknown";
