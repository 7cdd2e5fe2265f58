/**
 * What a phone that sleeps is told in the answers to its REGISTERs: who wakes it, by what it is
 * known in dialogs, and when it has to come by itself. RFC 8599 §4.1, §6.1.1.
 */
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { parseNumber } from "../grammar/chars.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import { parseFeatureCaps } from "../message/header/feature-caps.ts";
import type { Features } from "../message/header/features.ts";
import type { Response } from "../message/message.ts";
import { readJoined } from "../message/read-header.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { escapeUriHeader } from "../uri/escape.ts";
import { MAX_SECONDS } from "../usage/refresh-time.ts";
import { partsOf } from "./phone-parts.ts";
import { grantedSeconds } from "./registrar-answer.ts";
import type { Registered } from "./registrar-more.ts";

/** What a push service knows this phone by. RFC 8599 §4.1.1. */
export interface PushRegistration {
  /** `webpush`, `apns`, `fcm`. */
  readonly provider: string;
  /** For web push the subscription's endpoint, for others the device's token. */
  readonly prid: string;
  /** As the type of service has it; web push has none. RFC 8599 §10 to §12. */
  readonly param?: string;
}

/** What a server has said of waking this phone. RFC 8599 §4.1.1. */
export interface PushPromised {
  /** It knows itself to the push service by this key, base64url; undefined where it has none. */
  readonly vapid: string | undefined;
  /** It wakes it for requests in dialogs. */
  readonly inDialogs: boolean;
  /** So long before its registration ends the phone has to renew it by itself, in seconds. */
  readonly refreshBeforeSeconds: number | undefined;
}

/** What this phone asks for now. */
interface Asked {
  readonly push: PushRegistration;
  readonly inDialogs: boolean;
}

/** A PURR that is longer is not for a Contact. */
const MAX_PURR = 512;

/** What a 2xx may have taken on its way. */
const ON_THE_WAY_SECONDS = 2;
/** Nobody has us register more often than that. */
const MIN_LEFT_SECONDS = 30;

const SLEEPS = new WeakMap<object, Sleep>();

/** That of a phone: made when it is first asked for. */
export function sleepOf(phone: object): Sleep {
  const known = SLEEPS.get(phone);
  if (known) return known;
  const sleep = new Sleep(phone);
  SLEEPS.set(phone, sleep);
  return sleep;
}

class Sleep {
  promised: PushPromised | undefined;
  readonly #phone: object;
  readonly #timer: Timer;
  #asked: Asked | undefined;
  #purr: Octets | undefined;

  constructor(phone: object) {
    this.#phone = phone;
    const { agent, registrations } = partsOf(phone);
    const { abilities } = agent;
    const { registered } = abilities;
    this.#timer = newTimer({ due: () => registrations.networkChanged(() => false) });
    abilities.registered = (response, instance) =>
      this.#read(response, registered(response, instance));
  }

  /** Undefined: it is not woken. */
  set asked(asked: Asked | undefined) {
    this.#asked = asked;
    this.promised = undefined;
  }

  #read(response: Response, said: Registered): Registered {
    if (response.status >= 300) return said;
    const features = this.#asked && capsFor(response, this.#asked.push.provider);
    this.promised = features && promisedBy(features);
    const purr = features && textOf(features, "+sip.pnspurr");
    this.#purr = purr !== undefined && purr.length <= MAX_PURR ? flat(purr) : undefined;
    this.#planRefresh(response);
    return { ...said, contact: (address) => `${said.contact(address)}${this.#param}` };
  }

  //= RFC 8599 §6.1.1
  //# If the UA is willing to receive push notifications when a proxy receives a mid-dialog request
  //# addressed towards the UA, the UA MUST insert a 'pn-purr' SIP URI parameter (Section 6.2.1) in
  //# the Contact header field URI of the initial request for a dialog or the 2xx response to such
  //# requests. The UA MUST insert a parameter value identical to the last 'sip.pnspurr'
  //# feature-capability indicator (Section 6.2.1) that it received in a REGISTER response. If the
  //# UA has not received a 'sip.pnspurr' feature-capability indicator, the UA MUST NOT insert a
  //# 'pn-purr' SIP URI parameter in a request or response.
  get #param(): Octets {
    if (this.#purr === undefined || !this.#asked?.inDialogs) return "";
    return `;pn-purr=${escapeUriHeader(this.#purr)}`;
  }

  //= RFC 8599 §4.1.4
  //# If the UA receives a 2xx response to the REGISTER request that contains a Feature-Caps header
  //# field with a 'sip.pnsreq' feature-capability indicator, the UA MUST send a binding-refresh
  //# REGISTER request prior to binding expiration.
  // Most of the time a registration is renewed earlier than that anyway.
  #planRefresh(response: Response): void {
    const { endpoint, abilities, flow } = partsOf(this.#phone).agent;
    const before = this.promised?.refreshBeforeSeconds;
    const own = abilities.contact(partsOf(this.#phone).agent.addressOn(flow));
    const granted = before === undefined ? undefined : grantedSeconds(response, own);
    if (before === undefined || !granted) return endpoint.schedule(this.#timer, NEVER);
    const left = granted - before - ON_THE_WAY_SECONDS;
    const afterMs: Millis = (left >= MIN_LEFT_SECONDS ? left : granted / 2) * 1000;
    endpoint.schedule(this.#timer, endpoint.now + afterMs);
  }
}

//= RFC 8599 §4.1.1
//# In addition, if the same Feature-Caps header field contains a 'sip.vapid' feature-capability
//# indicator, it indicates that the proxy supports use of the Voluntary Application Server
//# Identification (VAPID) mechanism [RFC8292] to restrict push notifications to the UA.
/** The element of Feature-Caps that is about this type of push service. */
function capsFor(response: Response, provider: string): Features | undefined {
  return capsIn(response).find((one) => textOf(one, "+sip.pns")?.toLowerCase() === provider);
}

function promisedBy(features: Features): PushPromised {
  const before = textOf(features, "+sip.pnsreg");
  return {
    vapid: textOf(features, "+sip.vapid"),
    inDialogs: textOf(features, "+sip.pnspurr") !== undefined,
    refreshBeforeSeconds: before === undefined ? undefined : parseNumber(before, MAX_SECONDS),
  };
}

/** Each element of its Feature-Caps; none where they cannot be read. */
export function capsIn(response: Response): readonly Features[] {
  const read = readJoined(response, "Feature-Caps", parseFeatureCaps);
  return read.ok ? (read.value ?? []) : [];
}

/** Undefined where it is absent, or says nothing. */
export const textOf = (features: Features, name: string): Octets | undefined =>
  features.get(name) || undefined;
