/**
 * Phones of an edge that sleep: their registrar is another server, which knows nothing of pushes.
 * The edge says in their REGISTERs that it wakes them, holds what is for them until they are back,
 * and has them renew their bindings in time. RFC 8599 §5, §6.
 *
 * Kept of a phone is what its registrar has granted, by where it is woken. What is for it says that
 * itself, in its Request-URI, and is held even if nothing of it is known here any more.
 */
import { requestUri } from "../dialog/request-uri.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { flat, fromText, type Octets } from "../grammar/octets.ts";
import { elements, header } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri, sameSipUri } from "../uri/sip-uri.ts";
import type { Branch, Held } from "./branch.ts";
import { GONE } from "./cookie.ts";
import { type Binding, MemoryLocation } from "./location.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { readExpires, readInstance } from "./registered-contact.ts";
import type { SealerOptions } from "./sealed.ts";
import { bindingFlow } from "./target.ts";
import type { Wake } from "./wake.ts";
import { isSamePush, type PushAddress, pushAddress, pushKey } from "./wake-address.ts";
import { Doubts } from "./wake-doubt.ts";
import { isWokenByOther, MIN_PUSHED_SECONDS, type PushTerms } from "./wake-register.ts";
import { type Named, Waker } from "./waker.ts";

/** Phones of an edge that are known at a time; one more is woken, and is not told to renew. */
export const MAX_EDGE_PHONES = 100_000;
/** Octets of a Contact that is kept. */
const MAX_CONTACT = 1024;
/** Contacts of one REGISTER that are looked at. */
const MAX_CONTACTS = 10;

/** What it needs of its domain. */
export interface EdgeWakerParts extends SealerOptions {
  readonly endpoint: Endpoint;
  /** Undefined: nobody is woken here. */
  readonly wake?: Wake | undefined;
}

/** One request for a phone. */
export interface ForPhone {
  readonly context: ProxyContext;
  /** What it was sent to: the phone's Contact. */
  readonly uri: Octets;
  /** Over which its registrar says that it is; undefined where that is gone. */
  readonly flow: Flow | undefined;
  readonly breadth: number;
  /** The copy that goes over a flow, with so much breadth. */
  copy(flow: Flow, breadth: number): Branch | undefined;
}

/** What a REGISTER gets on its way. */
export interface WokenHere {
  /** Whole lines for the registrar. */
  readonly lines: readonly Octets[];
  /** Its registrar answers. */
  heard(response: Response): void;
  /** Whole lines that a response gets on its way to the phone. */
  adds(response: Response): readonly Octets[];
}

export class EdgeWaker {
  readonly waker: Waker;
  readonly #parts: EdgeWakerParts;
  readonly #location: MemoryLocation = new MemoryLocation();
  /** Whose bindings there are. */
  readonly #phones = new Set<string>();

  constructor(parts: EdgeWakerParts) {
    this.#parts = parts;
    this.waker = new Waker({ ...parts, location: this.#location, isEdge: true });
  }

  /** Phones that are known now. */
  get size(): number {
    return this.#phones.size;
  }

  /** A connection is gone. */
  closed(flow: Flow): void {
    this.#location.drop(flow.connection);
  }

  /** Once in ten seconds or so. */
  round(now: Millis): void {
    this.#location.expire(now);
    for (const account of this.#phones) {
      if (this.#location.bindings(account, now).length === 0) this.#phones.delete(account);
    }
    this.waker.round(now);
  }

  //= RFC 8599 §5.6.1.2
  //# When a proxy receives a REGISTER request that contains a 'pn-provider' SIP URI parameter
  //# indicating the type of PNS supported by the UA, the proxy MUST perform the following actions:
  /** What a REGISTER hears, and its registrar of it; refused where its time is too short. */
  register(from: Incoming, isLast: boolean): Extract<PushTerms, { kind: "Refused" }> | WokenHere {
    const terms = this.waker.terms(from, (push) => this.#accountOf(push), isLast);
    if (terms.kind === "Refused") return terms;
    const caps = terms.headers.map(([name, value]) => `${name}: ${value}\r\n`);
    return {
      //= RFC 8599 §5.6.1.1
      //# If the proxy supports the type of PNS supported by the UA, the proxy MUST indicate support
      //# of that type of PNS (Section 5.4) in the REGISTER request before it forwards the request
      //# towards the registrar.
      //= RFC 8599 §5.6.1.2
      //# If the proxy supports the type of PNS supported by the UA, the proxy MUST indicate support
      //# of that type of PNS (Section 5.4) in the REGISTER request before it forwards the request
      //# towards the registrar.
      //= RFC 8599 §5.6.1.2
      //# When a proxy receives a REGISTER request, and the 'pn-provider' SIP URI parameter does not
      //# contain a parameter value, the proxy MUST indicate support of each type of PNS supported
      //# by the proxy before it forwards the request towards the registrar.
      lines: terms.providers.map((one) => `Feature-Caps: *;+sip.pns="${one}"\r\n`),
      heard: (response) => this.#heard(from, response),
      //= RFC 8599 §5.6.1.2
      //# When a proxy receives a 2xx response to the REGISTER request, if the proxy had indicated
      //# support of one or more types of PNSs in the REGISTER request (see above), the proxy MUST
      //# indicate support of the same set of types of PNSs in the response.
      adds: (response) => (is2xx(response) && !this.#isTooBrief(from, response) ? caps : []),
    };
  }

  //= RFC 8599 §5.6.1.1
  //# If the proxy considers the binding expiration interval indicated by the registrar too short
  //# (see above), the proxy forwards the response towards the UA and MUST skip the rest of the
  //# procedures in this section.
  #isTooBrief(from: Incoming, response: Response): boolean {
    return this.#phonesIn(from, response).some(({ seconds }) => isBrief(seconds));
  }

  /** Whether the phone at this URI is one that can be woken here. */
  knows(uri: Octets): boolean {
    return this.#phoneAt(uri) !== undefined;
  }

  //= RFC 8599 §5.6.2
  //# When the proxy receives a SIP request for a new dialog (e.g., a SIP INVITE request) or a
  //# standalone SIP request (e.g., a SIP MESSAGE request) addressed towards a SIP UA, if the
  //# Request-URI of the request contains a 'pn-provider', a 'pn-prid', and a 'pn-param' (if
  //# required for the specific PNS provider) SIP URI parameter, the proxy requests that a push
  //# notification be sent to the UA using the information in the 'pn-*' SIP URI parameters.
  /**
   * Where it goes, for a phone that it `knows`: over the flow by which that came, and where it is
   * silent it is woken; or held until it is awake. None: it has become too large.
   */
  branches(asked: ForPhone): readonly Branch[] {
    const phone = this.#phoneAt(asked.uri);
    if (!phone) return [];
    const { account, binding } = phone;
    const held = (): readonly Held[] => {
      this.#tell(asked);
      return this.#held(asked, account, binding);
    };
    const { breadth, flow } = asked;
    const isAsleep = this.waker.sleepers([binding]).length > 0;
    if (isAsleep || !flow) return held();
    const doubts = new Doubts([binding], held);
    const uri = requestUri(binding.contact);
    const branch = asked.copy(flow, doubts.breadthFor(uri, breadth));
    return branch ? [doubts.orWoken(branch, uri, breadth)] : [];
  }

  /** By its own address, or by the PURR of a dialog that is to be replaced. */
  #phoneAt(uri: Octets): Named | undefined {
    const push = uri.length > MAX_CONTACT ? undefined : pushAddress(uri);
    if (!push) {
      let found: Named | undefined;
      // What is in memory is told at once.
      this.waker.named(uri, (named) => {
        found = named;
      });
      return found;
    }
    if (!this.#parts.wake?.canWake(push)) return undefined;
    const account = this.#accountOf(push);
    const [binding = unknownAt(uri)] = this.#location.bindings(account, this.#parts.endpoint.now);
    return { account, binding };
  }

  #held(asked: ForPhone, account: string, binding: Binding): readonly Held[] {
    const { from } = asked.context;
    const branches = (back: Binding): readonly Branch[] => {
      const flow = bindingFlow(this.#parts.endpoint, back);
      const copy = flow && asked.copy(flow, 1);
      return copy ? [copy] : [];
    };
    return this.waker.branch({ from, by: undefined, account, binding, branches });
  }

  /** The caller hears whose phone it is by what they called. */
  #tell({ context }: ForPhone): void {
    const to = parseSipUri(context.from.essentials.to.uri);
    this.waker.tell(context, (to.ok ? to.value.user : undefined) ?? "theirs");
  }

  //= RFC 8599 §5.6.2
  //# In addition, the proxy MUST store the Contact URI of the REGISTER request during the lifetime
  //# of the REGISTER transaction.
  #heard(from: Incoming, response: Response): void {
    const { status } = response;
    if (status < 200 || isWokenByOther(from)) return;
    if (!is2xx(response)) return this.#refused(from, status);
    for (const { push, seconds, binding } of this.#phonesIn(from, response)) {
      const account = this.#accountOf(push);
      if (isBrief(seconds)) this.#forget(account);
      else this.#keep(account, binding, from);
    }
  }

  #keep(account: string, binding: Binding, from: Incoming): void {
    if (!this.#phones.has(account) && this.#phones.size >= MAX_EDGE_PHONES) return;
    this.#phones.add(account);
    this.#location.replace(account, [binding]);
    this.waker.registered(account, from);
  }

  //= RFC 8599 §5.5
  //# If the proxy receives information that a binding associated with a PRID has expired, or that a
  //# binding has been removed, the proxy MUST NOT request that further push notifications are sent
  //# to the UA using that PRID.
  #forget(account: string): void {
    this.#phones.delete(account);
    this.#location.replace(account, []);
  }

  //= RFC 8599 §5.6.2
  //# However, if the REGISTER response is expected to trigger a new REGISTER request from the UA
  //# (e.g., if the registrar is requesting the UA to perform authentication), the proxy MAY keep
  //# the SIP request in the bucket.
  #refused(from: Incoming, status: number): void {
    if (TRIED_AGAIN.has(status) || status >= 500) return;
    const why = `it woke, and its registrar refused it: ${status}`;
    for (const { push } of pushablesIn(from)) {
      this.waker.refused(this.#accountOf(push), from, why);
    }
  }

  //= RFC 8599 §5.3
  //# However, when a SIP proxy compares the Contact header field URI of a 2xx response to a
  //# REGISTER request with a Request-URI of a SIP request in the SIP Request Push Bucket (Section
  //# 5.2), the proxy uses the URI comparison rules with the following additions: the 'pn-prid',
  //# 'pn-provider', and 'pn-param' SIP URI parameters MUST also match.
  /** Those of this REGISTER that can be woken here, with the time that they were granted. */
  #phonesIn(from: Incoming, response: Response): readonly Granted[] {
    const { endpoint, wake } = this.#parts;
    const all = elements(response, "Contact");
    const granted = (all.ok ? all.value : []).flatMap((text) => {
      const one = parseNameAddr(text);
      return one.ok ? [one.value] : [];
    });
    const usual = readExpires(header(response, "Expires"));
    return pushablesIn(from).flatMap(({ push, contact, instance }): Granted[] => {
      if (!wake?.canWake(push)) return [];
      const own = granted.find(({ uri }) => isSamePush(uri, contact) && isSameUri(uri, contact));
      const seconds = own ? (readExpires(own.params.get("expires")) ?? usual ?? 0) : 0;
      const { callId, cseq } = from.essentials;
      const binding: Binding = {
        ...{ contact: flat(contact), q: 1000, callId: flat(callId), cseq: cseq.number },
        ...{ expiresAt: endpoint.now + seconds * 1000, flow: from.flow },
        ...(instance !== undefined && { instance: flat(instance) }),
      };
      return [{ push, seconds, binding }];
    });
  }

  /** A phone is known here by where it is woken, and by nobody's name. */
  #accountOf(push: PushAddress): string {
    return this.#parts.endpoint.ids.macOf(["phone of an edge", fromText(pushKey(push))]);
  }
}

interface Granted {
  readonly push: PushAddress;
  /** 0: it was taken away. */
  readonly seconds: number;
  readonly binding: Binding;
}

interface Pushable {
  readonly push: PushAddress;
  readonly contact: Octets;
  readonly instance: Octets | undefined;
}

/** The Contacts of a REGISTER that say where their phone is woken. */
function pushablesIn({ request }: Incoming): readonly Pushable[] {
  const all = elements(request, "Contact");
  return (all.ok ? all.value : []).slice(0, MAX_CONTACTS).flatMap((text): Pushable[] => {
    const one = parseNameAddr(text);
    const contact = one.ok && one.value.uri.length <= MAX_CONTACT ? one.value.uri : "";
    const push = pushAddress(contact);
    if (!push || !one.ok) return [];
    return [{ push, contact, instance: readInstance(one.value.params).instance }];
  });
}

/** A phone of which nothing is known but what it was called by. */
const unknownAt = (contact: Octets): Binding => ({
  ...{ contact, q: 1000, callId: "", cseq: 0, expiresAt: NEVER },
  flow: {
    ...{ transport: "UDP", connection: GONE },
    ...{ local: { host: "", port: 0 }, remote: { host: "", port: 0 } },
  },
});

function isSameUri(one: Octets, other: Octets): boolean {
  const [a, b] = [parseSipUri(one), parseSipUri(other)];
  return a.ok && b.ok && sameSipUri(a.value, b.value);
}

const is2xx = ({ status }: Response): boolean => status >= 200 && status < 300;
/** Too short to be renewed by a push; zero takes a binding away. */
const isBrief = (seconds: number): boolean => seconds < MIN_PUSHED_SECONDS;
/** After these a phone sends another REGISTER. */
const TRIED_AGAIN: ReadonlySet<number> = new Set([401, 407, 408, 421, 422, 423, 439, 494]);
