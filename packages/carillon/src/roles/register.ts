/** What a REGISTER does to a user's bindings, as a function. RFC 3261 §10.3. */
import { flat, type Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { Essentials } from "../message/essentials.ts";
import { elements, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri, sameSipUri } from "../uri/sip-uri.ts";
import { GONE } from "./cookie.ts";
import type { Binding } from "./location.ts";
import { readPath } from "./path-vector.ts";
import { type Change, readChange, readExpires } from "./registered-contact.ts";
import { isSips } from "./sips.ts";
import { canBeDialled } from "./target.ts";
import { isSamePush } from "./wake-address.ts";

/** Devices that one account may have registered at a time; a call rings them all. */
export const MAX_BINDINGS = 10;

export interface BindingLimits {
  readonly perAccount: number;
  /** Of one credential. For one more its oldest goes: a phone with a new port is not kept out. */
  readonly perDevice: number;
}

export const BINDING_LIMITS: BindingLimits = {
  perAccount: MAX_BINDINGS,
  perDevice: MAX_BINDINGS,
};

//= RFC 3261 §10.3
//# Each REGISTER message MUST be processed independently of any other registration or binding
//# changes.
/**
 * The bindings after this REGISTER, or why it is refused; a refused one changes nothing.
 *
 * Errors: `bad-contact` (400), `no-sip-uri` (403), `bad-path` (400), `too-brief` (423),
 * `too-many-bindings` (403), `out-of-order` (500).
 */
export function applyRegister(
  current: readonly Binding[],
  request: Request,
  { callId, cseq }: Essentials,
  { flow, credential, isOutbound = true }: Source,
  now: Millis,
  limits: BindingLimits = BINDING_LIMITS,
): Result<readonly Binding[]> {
  const contacts = elements(request, "Contact");
  if (!contacts.ok) return contacts;
  const expires = readExpires(header(request, "Expires"));
  if (contacts.value.includes("*")) {
    //= RFC 3261 §10.3
    //# If the request has additional Contact fields or an expiration time other than zero, the
    //# request is invalid, and the server MUST return a 400 (Invalid Request) and skip the
    //# remaining steps.
    if (contacts.value.length > 1 || expires !== 0) {
      return fail("bad-contact", "Contact: * needs Expires: 0 and no other Contact");
    }
    //= RFC 3261 §10.3
    //# If not, it MUST remove the binding. If it does agree, it MUST remove the binding only if the
    //# CSeq in the request is higher than the value stored for that binding. Otherwise, the update
    //# MUST be aborted and the request fails.
    return current.some((one) => isStale(one, callId, cseq.number)) ? outOfOrder() : ok([]);
  }
  const changes: Change[] = [];
  for (const text of contacts.value) {
    const change = readChange(text, expires);
    if (!change.ok) return change;
    //= RFC 5630 §5.2
    //# A registrar MUST accept a binding to a SIPS Contact header field only if all the appropriate
    //# URIs are of the SIPS scheme; otherwise, there could be an inadvertent binding of a secure
    //# resource (SIPS) to an unsecured one (SIP).
    //= RFC 5630 §5.2
    //# If the URIs are not of the proper SIPS scheme, the registrar MUST reject the REGISTER with a
    //# 400 (Bad Request).
    if (isSips(change.value.contact) && !isSips(request.uri)) {
      return fail("bad-contact", "a sips contact is registered at a sips address only");
    }
    changes.push(isOutbound ? change.value : withoutRegId(change.value));
  }
  //= RFC 5626 §6
  //# Therefore, if the Contact header field contains more than one header field value with a
  //# non-zero expiration and any of these header field values contain a "reg-id" Contact header
  //# field parameter, the entire registration SHOULD be rejected with a 400 (Bad Request) response.
  const added = changes.filter(({ expiresSeconds }) => expiresSeconds > 0);
  if (added.length > 1 && added.some(({ regId }) => regId !== undefined)) {
    return fail("bad-contact", "one flow of a device is registered at a time: RFC 5626");
  }
  const path = readPath(request);
  if (!path.ok) return path;
  const origin: Origin = {
    //= RFC 5626 §6
    //# If the registrar receives a re-registration for a specific combination of AOR, and
    //# instance-id and reg-id values, the registrar MUST update any information that uniquely
    //# identifies the network flow over which the request arrived if that information has changed,
    //# and SHOULD update the time the binding was last updated.
    ...{ callId: flat(callId), cseq: cseq.number, flow: flowBehind(flow, path.value) },
    ...(credential !== undefined && { credential: flat(credential) }),
    ...(path.value.length > 0 && { path: path.value }),
  };
  if (changes.length > limits.perDevice) return tooMany(limits.perDevice, "one device");
  return applyChanges(current, changes, { ...origin, now, limits });
}

/** Which way a REGISTER came, and what it signed in with. */
export interface Source extends Pick<Binding, "flow" | "credential"> {
  /** Whether a reg-id counts, which it does unless said otherwise. RFC 5626 §6. */
  readonly isOutbound?: boolean;
}
type Origin = Omit<Binding, "contact" | "q" | "expiresAt" | "instance" | "regId">;
type Circumstances = Origin & { readonly now: Millis; readonly limits: BindingLimits };

//= RFC 3261 §10.3
//# The binding updates MUST be committed (that is, made visible to the proxy or redirect server) if
//# and only if all binding updates and additions succeed.
function applyChanges(
  current: readonly Binding[],
  changes: readonly Change[],
  { now, limits, ...origin }: Circumstances,
): Result<readonly Binding[]> {
  let bindings = current;
  for (const change of changes) {
    const old = current.filter((one) => isReplaced(one, change));
    if (old.some((one) => isStale(one, origin.callId, origin.cseq))) return outOfOrder();
    // The same contact twice in one REGISTER: what it says last counts.
    bindings = bindings.filter((one) => !isReplaced(one, change));
    if (change.expiresSeconds === 0) continue;
    const added = bindingOf(change, origin, now);
    bindings = [...withoutOldest(bindings, origin.credential, limits.perDevice), added];
  }
  if (bindings.length > limits.perAccount) return tooMany(limits.perAccount, "one account");
  return ok(bindings);
}

const withoutRegId = ({ regId: _, ...change }: Change): Change => change;

function bindingOf(
  { contact, expiresSeconds, q, instance, regId }: Change,
  origin: Origin,
  now: Millis,
): Binding {
  return {
    ...{ contact: flat(contact), q, expiresAt: now + expiresSeconds * 1000 },
    ...(instance !== undefined && { instance: flat(instance) }),
    ...(regId !== undefined && { regId }),
    ...origin,
  };
}

/**
 * The way to the first proxy of a Path that can be connected to at any time outlives the connection
 * that the REGISTER came over: the flow to the phone is that proxy's.
 */
function flowBehind(flow: Flow, path: readonly Octets[]): Flow {
  const isApart = path.length > 0 && canBeDialled({ contact: "", flow, path });
  return isApart ? { ...flow, connection: GONE } : flow;
}

//= RFC 5626 §6
//# When a "+sip.instance" Contact header field parameter and a "reg-id" Contact header field
//# parameter are present in a Contact header field of a REGISTER request (after the Contact header
//# validation as described above), the corresponding binding is between an AOR and the combination
//# of the instance-id (from the "+sip.instance" Contact header parameter) and the value of "reg-id"
//# Contact header field parameter parameter.
/**
 * Whether this Contact takes the place of a binding. A phone may have the same URI over each of its
 * flows; one that begins to number them means what it registered before without.
 */
function isReplaced(old: Binding, { contact, instance, regId }: Change): boolean {
  if (regId !== undefined && old.regId !== undefined) {
    return old.regId === regId && old.instance === instance;
  }
  // A page that is opened again has another contact, and is what slept before.
  const isAsleep = old.flow.connection <= 0 && isSamePush(old.contact, contact);
  return isAsleep || sameContact(old.contact, contact);
}

/** With room for one more of this device: the first is the one that was heard of least lately. */
function withoutOldest(
  bindings: readonly Binding[],
  credential: string | undefined,
  perDevice: number,
): readonly Binding[] {
  if (credential === undefined) return bindings;
  const own = bindings.filter((one) => one.credential === credential);
  const over = own.slice(0, Math.max(0, own.length + 1 - perDevice));
  return over.length === 0 ? bindings : bindings.filter((one) => !over.includes(one));
}

const tooMany = (limit: number, whose: string): Result<never> =>
  fail("too-many-bindings", `over ${limit} contacts of ${whose} at a time`, 403);

//= RFC 3261 §10.3
//# If the Call-ID value in the existing binding differs from the Call-ID value in the request, the
//# binding MUST be removed if the expiration time is zero and updated otherwise.
//= RFC 3261 §10.3
//# If the value is higher than that of the existing binding, it MUST update or remove the binding
//# as above. If not, the update MUST be aborted and the request fails.
const isStale = (old: Binding, callId: string, cseq: number): boolean =>
  old.callId === callId && cseq <= old.cseq;

//= RFC 3261 §10.3
//# For each address, the registrar then searches the list of current bindings using the URI
//# comparison rules.
export function sameContact(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [parseSipUri(a), parseSipUri(b)];
  return one.ok && other.ok && sameSipUri(one.value, other.value);
}

const fail = (code: string, what: string, status = 400) =>
  bad(code, what, 0, "RFC 3261 §10.3", status);
const outOfOrder = () => fail("out-of-order", "an older REGISTER than the last one", 500);
