/** What an operator decides about a domain. All of it may be left out. */
import type { Octets } from "../grammar/octets.ts";
import type { Request } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { SipUri } from "../uri/sip-uri.ts";
import type { Answer } from "./answer.ts";

export interface Policy {
  /**
   * All of a person's devices at once; or by their q, the preferred first and the next ones when
   * these have failed or rung for `ringMs`. RFC 3261 §16.6.
   */
  readonly forking?: "parallel" | "by-q";
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
   * Other domains, in lower case, whose servers may reach people here: over TLS, with a certificate
   * of the domain in From. RFC 5922. None, if left out.
   */
  readonly partners?: (domain: string) => boolean;
}

/** What a route may look at. */
export interface Asked {
  readonly method: string;
  /** The Request-URI. */
  readonly uri: SipUri;
  /** Who asks: the account, or undefined for a trusted place or a partner. */
  readonly account: string | undefined;
  /** Whether the Request-URI is of this domain. */
  readonly isOurs: boolean;
  readonly request: Request;
}

/** An operator's own routing: undefined leaves the request to the domain's usual way. */
export type Route = (asked: Asked) => Answer<Decision | undefined>;

export type Decision =
  /** RFC 3261 §8.3: the caller asks elsewhere itself. */
  | {
      readonly kind: "Redirect";
      /** 302 if left out. */
      readonly status?: 300 | 301 | 302 | 305 | 380;
      readonly contacts: readonly Alternative[];
    }
  | { readonly kind: "Refuse"; readonly status: number; readonly why: string };

export interface Alternative {
  /** A URI as it stands in Contact, without angle brackets. */
  readonly uri: Octets;
  /** 0 to 1; 1 if left out. */
  readonly q?: number;
}
