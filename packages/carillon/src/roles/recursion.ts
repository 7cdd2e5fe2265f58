/**
 * Following 3xx: where a response says that somebody is, there the request goes next.
 * RFC 3261 §16.5, §16.7 item 4.
 *
 * Only within bounds: to people here by their bindings, to other domains as far as they are open to
 * the caller, who could have asked there directly. So whoever makes a phone answer 3xx makes nobody
 * call anybody whom they may not call.
 */
import { requestUri } from "../dialog/request-uri.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { readContactParams } from "../message/header/contact-params.ts";
import { elements } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri, type SipUri, sameSipUri } from "../uri/sip-uri.ts";
import type { Accounts } from "./accounts.ts";
import { type Answer, allOf } from "./answer.ts";
import type { Branch } from "./branch.ts";
import { shareOf } from "./breadth.ts";
import type { Copies } from "./copies.ts";
import type { Location } from "./location.ts";
import type { Alternative } from "./policy.ts";
import type { Relay } from "./relay.ts";
import type { Routes } from "./routes.ts";
import type { ServedNames } from "./served-names.ts";
import { admissible, isSips } from "./sips.ts";
import { bindingFlow } from "./target.ts";

/** More responses than this are not followed for one request. */
export const MAX_RECURSIONS = 5;
/** So many targets come of them, all together. */
export const MAX_FOLLOWED = 16;
/** Contacts of one response that are looked at, to find the preferred ones. */
const MAX_READ = 64;

/** What following needs of its domain. */
export interface Grounds {
  readonly endpoint: Endpoint;
  readonly names: ServedNames;
  readonly accounts: Accounts;
  readonly location: Location;
  readonly copies: Copies;
  readonly relay: Relay;
}

/** One request, and what it may do. */
export interface Followed {
  readonly from: Incoming;
  readonly routes: Routes;
  /** Whether it may go there, in another domain. */
  readonly isOpen: (uri: SipUri) => boolean;
  /** Hears of each redirection that was followed. */
  readonly onFollow: (targets: number) => void;
}

/** Where a redirection leads: to a device here by its flow, or to another domain. */
interface Place {
  readonly uri: Octets;
  readonly flow: Flow | undefined;
  /** Of the binding. */
  readonly path?: readonly Octets[] | undefined;
}

/** What was tried of one request, so that nothing is tried twice. */
export class Trail {
  readonly #grounds: Grounds;
  readonly #followed: Followed;
  readonly #seen: SipUri[] = [];
  #recursions = 0;
  #added = 0;

  constructor(grounds: Grounds, followed: Followed) {
    this.#grounds = grounds;
    this.#followed = followed;
    this.see(followed.routes.uri);
  }

  /** A target that nothing needs to lead to any more. */
  see(uri: Octets): void {
    const parsed = parseSipUri(uri);
    if (parsed.ok) this.#seen.push(parsed.value);
  }

  /** A branch whose redirection is followed, with what breadth it had. */
  watched(branch: Branch, breadth: number): Branch {
    return { ...branch, redirected: (response) => this.#redirected(response, breadth) };
  }

  //= RFC 3261 §21.3.3
  //# If there is no explicit expiration time, the address is only valid once for recursing, and
  //# MUST NOT be cached for future transactions.
  /** 305 and 380 are about more than where somebody is, and are left to the caller. */
  #redirected(response: Response, breadth: number): Answer<readonly Branch[]> {
    return response.status > 302 ? [] : this.follow(contactsIn(response), breadth);
  }

  /** The branches to what is named there and was not tried yet; none leaves it to the caller. */
  follow(contacts: readonly Alternative[], breadth: number): Answer<readonly Branch[]> {
    if (this.#recursions >= MAX_RECURSIONS) return [];
    const preferred = [...contacts].sort((a, b) => (b.q ?? 1) - (a.q ?? 1));
    const lookups = preferred.slice(0, MAX_FOLLOWED).map(({ uri }) => this.#places(uri));
    return allOf(lookups, (found) => this.#branches(found.flat(), breadth));
  }

  #places(contact: Octets): Answer<readonly Place[]> {
    const uri = requestUri(contact);
    const parsed = parseSipUri(uri);
    if (!parsed.ok || this.#isSeen(parsed.value)) return [];
    const { names, endpoint } = this.#grounds;
    const { from, isOpen } = this.#followed;
    //= RFC 5630 §5.3
    //# When a proxy sends a request using a SIP Request-URI and receives a 3XX response with a SIPS
    //# Contact header field, or a 480 (Temporarily Unavailable) response with a Warning header with
    //# warn-code 381 "SIPS Required", the proxy MUST NOT recurse on the response.
    // And the other way round.
    if (isSips(uri) !== isSips(from.request.uri)) return [];
    if (names.isOurs(parsed.value, from.flow, endpoint.addresses)) return this.#devices(uri);
    const isHere = names.leadsHere(uri, from.flow, endpoint.addresses);
    return isHere || !isOpen(parsed.value) ? [] : [{ uri, flow: undefined }];
  }

  /** Of somebody here. */
  #devices(uri: Octets): Answer<readonly Place[]> {
    const { names, accounts, location, endpoint } = this.#grounds;
    const user = names.userIn(uri);
    if (user === undefined || !accounts.has(user)) return [];
    const found = location.bindings(user, endpoint.now);
    return allOf([found], ([bindings = []]): readonly Place[] =>
      admissible(
        uri,
        bindings.flatMap((binding) => {
          const flow = bindingFlow(endpoint, binding);
          return flow ? [{ binding, flow }] : [];
        }),
      ).map(({ binding: { contact, path }, flow }) => ({ uri: requestUri(contact), flow, path })),
    );
  }

  //= RFC 3261 §16.5
  //# As above, any given URI MUST NOT be added to the set more than once.
  #branches(places: readonly Place[], breadth: number): readonly Branch[] {
    const fresh: Place[] = [];
    for (const place of places) {
      const isKnown = this.#knows(place.uri) || fresh.some(({ uri }) => uri === place.uri);
      if (!isKnown && this.#added + fresh.length < MAX_FOLLOWED) fresh.push(place);
    }
    //= RFC 5393 §5.3.3
    //# If a SIP proxy determines a response context has insufficient Incoming Max-Breadth to carry
    //# out a desired parallel fork, and the proxy is unwilling/unable to compensate by forking
    //# serially or sending a redirect, that proxy MUST return a 440 (Max-Breadth Exceeded)
    //# response.
    // The redirect is at hand: it goes to the caller as it came.
    if (fresh.length > breadth) return [];
    const branches = fresh.flatMap((place, nth) => {
      const share = shareOf(breadth, fresh.length, nth);
      const branch = this.#branch(place, share);
      return branch ? [this.watched(branch, share)] : [];
    });
    for (const { uri } of fresh) this.see(uri);
    if (branches.length === 0) return [];
    this.#recursions++;
    this.#added += branches.length;
    this.#followed.onFollow(branches.length);
    return branches;
  }

  #branch({ uri, flow, path }: Place, breadth: number): Branch | undefined {
    const { copies, relay } = this.#grounds;
    const { from, routes } = this.#followed;
    if (!flow) return relay.first(from, { ...routes, uri }, breadth);
    return copies.first(from, routes, { flow, uri, breadth, path });
  }

  #knows(uri: Octets): boolean {
    const parsed = parseSipUri(uri);
    return !parsed.ok || this.#isSeen(parsed.value);
  }

  readonly #isSeen = (uri: SipUri): boolean => this.#seen.some((one) => sameSipUri(one, uri));
}

/** None where the header cannot be read. */
function contactsIn(response: Response): readonly Alternative[] {
  const contacts = elements(response, "Contact");
  if (!contacts.ok) return [];
  return contacts.value.slice(0, MAX_READ).flatMap((text) => {
    const address = parseNameAddr(text);
    if (!address.ok) return [];
    const { q = 1 } = readContactParams(address.value.params);
    return [{ uri: address.value.uri, q }];
  });
}
