/** What an operator decides about a domain. All of it may be left out. */
import type { Octets } from "../grammar/octets.ts";
import type { Target } from "../locate/target.ts";
import type { Request } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { SipUri } from "../uri/sip-uri.ts";
import type { Answer } from "./answer.ts";
import type { BridgeDecision } from "./bridge.ts";
import type { ContactKind } from "./contact-kinds.ts";
import type { EdgePolicy } from "./edge.ts";
import type { OutgoingPolicy } from "./outgoing/outgoing-policy.ts";

/** What an operator decides about a domain. All of it may be left out. */
export interface Policy {
  /**
   * All of a person's devices at once; or by their q, the preferred first and the next ones when
   * these have failed or rung for `ringMs`. RFC 3261 §16.6.
   */
  readonly forking?: "parallel" | "by-q";
  /** How long a group of devices rings before the next is tried; 20 s, if left out. */
  readonly ringMs?: Millis;
  /**
   * Follows 300, 301 and 302 from here, whether a device says so or a route: to people here, and to
   * where the caller may send by `relay`. Left out, the caller is told and follows, or does not.
   */
  readonly follow3xx?: boolean;
  /** Asked about each request from outside a dialog, after its sender is known. */
  readonly route?: Route;
  /**
   * Who may send to whom in other domains; nobody, if left out. `account` is undefined for a
   * trusted place or a partner. Whoever opens it to every URI should have the endpoint refuse
   * addresses that are not public (`servers.publicOnly`): names in the DNS may point into one's own
   * network.
   */
  readonly relay?: (account: string | undefined, uri: SipUri) => boolean;
  /**
   * How much people here call, and whom elsewhere; as they like, if left out. Calls to domains of
   * `stateless` and `edge` are those servers' to count.
   */
  readonly outgoing?: OutgoingPolicy;
  /**
   * Other domains, in lower case, whose servers may reach people here: over TLS, with a certificate
   * of the domain in From. RFC 5922. None, if left out.
   */
  readonly partners?: (domain: string) => boolean;
  /**
   * Servers of domains, in lower case, that others look after: requests for them go there without
   * being asked for credentials or kept. None, if left out or empty. RFC 3261 §16.11 wants this to
   * say the same for as long as a transaction lasts.
   */
  readonly stateless?: (domain: string) => readonly Target[];
  /** Another name of somebody here: the account, where no account has this name itself. */
  readonly alias?: (user: string) => string | undefined;
  /** Whether an account may register devices for another one; none may, if left out. */
  readonly registersFor?: (account: string, other: string) => boolean;
  /** Contacts that are refused at REGISTER; `REFUSED_CONTACTS`, if left out. */
  readonly refusedContacts?: readonly ContactKind[];
  /** Contacts of one account, and of one of its devices; for one more, its own oldest goes. */
  readonly contactsPerAccount?: number;
  /** The same for each of its devices; ten of either, if left out. */
  readonly contactsPerDevice?: number;
  /**
   * What phones are told to send their requests through, the first hop first: SIP URIs with lr.
   * Nothing, if left out. RFC 3608.
   */
  readonly serviceRoute?: readonly Octets[];
  /** Domains of other registrars, whose phones come here first. None, if left out. RFC 5626 §5. */
  readonly edge?: EdgePolicy;
  /**
   * One Record-Route, where both sides of a call come over the same transport and family, though to
   * different addresses of ours: for machines whose addresses are all reached from everywhere.
   * "double", if left out: each side sees the address that it came to. RFC 5658.
   */
  readonly recordRoute?: "double" | "single";
}

/** What a route may look at. */
export interface Asked {
  /** As it stands in the request: `INVITE`, `MESSAGE`, … */
  readonly method: string;
  /** The Request-URI. */
  readonly uri: SipUri;
  /** Who asks: the account, or undefined for a trusted place or a partner. */
  readonly account: string | undefined;
  /** Whether the Request-URI is of this domain. */
  readonly isOurs: boolean;
  /** The request as it came. */
  readonly request: Request;
}

/** An operator's own routing: undefined leaves the request to the domain's usual way. */
export type Route = (asked: Asked) => Answer<Decision | undefined>;

/** What a route says in place of the domain. */
export type Decision =
  /** RFC 3261 §8.3: the caller asks elsewhere itself. */
  | {
      readonly kind: "Redirect";
      /** 302 if left out. */
      readonly status?: 300 | 301 | 302 | 305 | 380;
      readonly contacts: readonly Alternative[];
    }
  | {
      readonly kind: "Refuse";
      readonly status: number;
      readonly why: string;
      /** URIs with more to say of it: an announcement to call, or a page. RFC 3261 §20.18. */
      readonly moreAt?: readonly Octets[];
    }
  /** It goes the usual way, and each of its branches ends here and begins anew. */
  | BridgeDecision;

/** One contact of a 3xx. RFC 3261 §20.10. */
export interface Alternative {
  /** A URI as it stands in Contact, without angle brackets. */
  readonly uri: Octets;
  /** 0 to 1; 1 if left out. */
  readonly q?: number;
}
