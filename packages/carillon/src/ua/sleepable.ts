/** A phone that may sleep, and is woken by a push. RFC 8599 §4. */
import { escapeUriHeader } from "../uri/escape.ts";
import { partsOf } from "./phone-parts.ts";
import { type PushPromised, type PushRegistration, sleepOf } from "./woken-by.ts";

export type { PushPromised, PushRegistration };

/** How long it may sleep, and what it is woken for. */
export interface SleepOptions {
  /** Its server is asked to know it for so long. 30 days if left out. */
  readonly expiresSeconds?: number;
  /**
   * Whether it is woken for requests in its calls and subscriptions, too, where its server does
   * that. True if left out. RFC 8599 §6.1.1.
   */
  readonly inDialogs?: boolean;
  /**
   * Its program runs by timers, too, and registers again in time: its server need not wake it for
   * that. False if left out. RFC 8599 §4.1.4.
   */
  readonly wakesItself?: boolean;
}

const MONTH_SECONDS = 30 * 24 * 3600;

/**
 * Has this phone be woken so when somebody calls it while its program does not run: its server
 * sends a push, and what it holds meanwhile comes once the phone is registered again. It stays
 * registered when it is closed. Undefined ends that, from the next REGISTER on, which is sent at
 * once if the phone is registered.
 *
 * ```ts
 * const { endpoint } = await worker.pushManager.subscribe({ userVisibleOnly: true });
 * sleepable(phone, { provider: "webpush", prid: endpoint });
 * ```
 */
export function sleepable(
  phone: object,
  push: PushRegistration | undefined,
  options: SleepOptions = {},
): void {
  const { expiresSeconds = MONTH_SECONDS, inDialogs = true, wakesItself = false } = options;
  const { agent } = partsOf(phone);
  sleepOf(phone).asked = push && { push, inDialogs };
  //= RFC 8599 §4.1.1
  //# To request push notifications from the SIP network, the UA MUST insert the following SIP URI
  //# parameters in the SIP Contact header field URI of the REGISTER request: 'pn-provider',
  //# 'pn-prid', and 'pn-param' (if required for the specific PNS).
  //= RFC 8599 §4.1.2
  //# When the UA sends the REGISTER request for removing the binding, the UA MUST NOT insert the
  //# 'pn-prid' SIP URI parameter in the Contact header field URI of the REGISTER request.
  const params = push ? paramsOf(push) : "";
  //= RFC 8599 §4.1.4
  //# If a UA is able to send binding-refresh REGISTER requests using a non-push mechanism (e.g.,
  //# using an internal timer that periodically wakes the UA), the UA MUST insert a 'sip.pnsreg'
  //# media feature tag [RFC3840] in the Contact header field of each REGISTER request.
  const tag = push && wakesItself ? ";+sip.pnsreg" : "";
  // What goes behind the URI outweighs the Expires of a REGISTER, the last one's too.
  const time = push ? `;expires=${expiresSeconds}` : "";
  //= RFC 8599 §4.1
  //# For privacy and security reasons, a UA MUST NOT insert the SIP URI parameters (except for the
  //# 'pn-purr' parameter) defined in this specification in non-REGISTER requests in order to
  //# prevent the PNS information associated with the UA from reaching the remote peer. For example,
  //# the UA MUST NOT insert the 'pn-prid' SIP URI parameter in the Contact header field URI of an
  //# INVITE request.
  agent.abilities.contact = (uri) => `<${uri}${params}>${tag}${time}`;
  refresh(phone);
}

//= RFC 8599 §4.1.1
//# If the UA receives a non-2xx response to the REGISTER, or if the UA receives a 2xx response that
//# does not contain a Feature-Caps header field [RFC6809] with a 'sip.pns' feature-capability
//# indicator, the UA MUST NOT assume the proxy will request that push notifications are sent to the
//# UA.
/**
 * What its server has promised of waking this phone, by its last 2xx; undefined: that it will not.
 * A phone that is not woken is better not closed.
 *
 * ```ts
 * sleepable(phone, push);
 * await phone.register();
 * if (!pushPromised(phone)) keepAwake();
 * ```
 */
export function pushPromised(phone: object): PushPromised | undefined {
  return sleepOf(phone).promised;
}

//= RFC 8599 §4.1.3
//# When a UA receives a push notification, the UA MUST send a binding-refresh REGISTER request.
//= RFC 8599 §4.1.4
//# Even if the UA is able to send binding-refresh REGISTER requests using a non-push mechanism, the
//# UA MUST still send a binding-refresh REGISTER request whenever it receives a push notification
//# (Section 4.1.3).
//= RFC 8599 §4.1.3
//# If the SIP UA has created multiple bindings, the UA MUST send a binding-refresh REGISTER request
//# for each of those bindings when it receives a push notification.
/**
 * A push has come while this phone's program was there, or was suspended: the phone registers at
 * once over each of its flows, and what its server holds for it comes. Connections may have died
 * in their sleep, so each is asked whether it is still one, and made anew if not. A program that
 * was started by the push has nothing to say but `phone.register()`.
 *
 * ```ts
 * app.onPush(() => woken(phone));
 * ```
 */
export function woken(phone: object): void {
  const { registrations, whileOpen } = partsOf(phone);
  whileOpen(() => registrations.doubt());
  refresh(phone);
}

/**
 * Whether this phone's program may be suspended now: nobody is in a call, rings or is rung, and no
 * BYE waits for its answer. A call is over for us as soon as we hang up (RFC 3261 §15.1.1), and
 * whoever has their radio off in that moment leaves the other side in it.
 *
 * ```ts
 * while (!mayRest(phone)) await delay(500);
 * app.letItSleep();
 * ```
 */
export function mayRest(phone: object): boolean {
  return !partsOf(phone).agent.hasSessions;
}

/** Has the server told over each flow how it is now. */
function refresh(phone: object): void {
  const { registrations, whileOpen } = partsOf(phone);
  whileOpen(() => registrations.networkChanged(() => false));
}

//= RFC 8599 §8.7
//# Parameter value characters that are not part of pvalue need to be escaped, as defined in RFC
//# 3261.
function paramsOf({ provider, prid, param }: PushRegistration): string {
  //= RFC 8599 §12
  //# The value of the 'pn-param' URI parameter MUST NOT be used.
  const more = param === undefined ? "" : `;pn-param=${escapeUriHeader(param)}`;
  return `;pn-provider=${escapeUriHeader(provider)}${more};pn-prid=${escapeUriHeader(prid)}`;
}
