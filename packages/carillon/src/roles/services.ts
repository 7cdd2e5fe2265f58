/**
 * Parts of a domain's server that answer requests themselves: a state agent, kept messages.
 * Each sees what comes from outside of dialogs once its sender is known, and may take it; what it
 * leaves goes the proxy's way.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Result } from "../grammar/result.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { SipUri } from "../uri/sip-uri.ts";
import type { Accounts } from "./accounts.ts";
import type { Binding, Location } from "./location.ts";
import type { Routes } from "./routes.ts";
import type { Shown } from "./shown.ts";
import type { LogEntry } from "./words.ts";

/** A part of a domain's server. All of it is called on the path of a request, and may not throw. */
export interface Service {
  /**
   * Methods that it answers: it is asked about no others outside of dialogs, and the Allow of the
   * server names them. About all, if left out.
   */
  readonly methods?: readonly string[];
  /** Event packages that it knows, for Allow-Events: `presence`. RFC 6665 §8.2.2. */
  readonly events?: readonly string[];
  /** Called once, before anything else. */
  attach(host: ServiceHost): void;
  /**
   * A request from outside of dialogs, whose sender is known. True: it is this one's, and has been
   * answered or will be. Services are asked in order, after the operator's route and before the
   * usual way; never about a REGISTER.
   */
  take(asked: ServiceRequest): boolean;
  /** A request with a To tag that no proxied dialog has. False, of all of them, is a 481. */
  inDialog?(asked: ServiceRequest): boolean;
  /**
   * A request with a To tag, and without a way that this server has signed, before its sender is
   * known. True: it is of a dialog of this one's own and comes from where its other side is, which
   * is all that is asked of a proxied dialog, too; it has been answered or will be.
   */
  inOwnDialog?(from: Incoming): boolean;
  /** The ACK of a 2xx, without a way that this server has signed. True: this one waited for it. */
  ack?(from: Incoming): boolean;
  /**
   * Whether this request from outside of dialogs is its own: it has asked whoever wants it, and
   * stands for them. Undefined, of all of them: its sender has to show who it is.
   */
  vouches?(from: Incoming): Vouched | undefined;
  /** A connection is gone, and the bindings behind it have been dropped. */
  closed?(flow: Flow): void;
  /** A REGISTER for this account was carried out, whatever it changed. `from` is the REGISTER. */
  registered?(account: string, from: Incoming): void;
}

/** In whose name a service of this server sends a request into it. */
export interface Vouched {
  /** By whose rights it goes on: an account, or undefined for a trusted place or a partner. */
  readonly account: string | undefined;
}

/** A request as a service sees it. */
export interface ServiceRequest {
  /** The request, and the way it came. */
  readonly from: Incoming;
  /** Its Route headers; none are left for other servers. */
  readonly routes: Routes;
  /** Who sends it: an account; undefined for a trusted place, or another domain's server. */
  readonly account: string | undefined;
  /** The Request-URI. */
  readonly uri: SipUri;
  /** Whether that is of this domain. */
  readonly isOurs: boolean;
  /** Whom it names, as an account is written; undefined where it is not ours, or has no user. */
  readonly user: string | undefined;
  /** Whether somebody here is called so. */
  readonly isPerson: boolean;
}

/** What a service has of its server. */
export interface ServiceHost {
  /** Answers, timers, ids, and `later`. */
  readonly endpoint: Endpoint;
  /** What stands behind the @ of the addresses here. */
  readonly domain: string;
  /** What people here sign in to. RFC 3261 §22.1. */
  readonly realm: string;
  /** Which addresses are served here, and whom they name. */
  readonly names: HostNames;
  /** Who lives here. */
  readonly accounts: Accounts;
  /** Where they are reached. */
  readonly location: Location;
  /**
   * Which of these bindings of an account a Request-URI means: all of them where it is no GRUU.
   *
   * Errors: `not-a-gruu` (404), `instance-offline` (480). RFC 5627 §6.1.
   */
  boundTo(uri: SipUri, bindings: readonly Binding[]): Result<readonly Binding[]>;
  /** Answers in words, and the operator's log. */
  readonly words: HostWords;
  /** The same flow with our end as its other end knows it: for Contacts and Vias. */
  readonly shown: Shown;
  /** Sends a request the proxy's own way. It must not have been taken on by `endpoint.accept`. */
  usual(asked: ServiceRequest): void;
  /** Whether the operator lets this sender's requests go on to where its Request-URI leads. */
  mayLeave(asked: ServiceRequest): boolean;
  /**
   * Why nobody is called at this address because this account wants it (REFER), as if it had
   * dialled that itself, in words; undefined: it may. `account` is undefined for a trusted place
   * and for other servers.
   */
  mayDial(account: string | undefined, uri: Octets): string | undefined;
  /** Whether calls to elsewhere are handed over to whoever they lead to. */
  handsOver(): boolean;
  /**
   * Sends a request of the server's own over this flow. What is too large for a datagram goes over
   * TCP where that is taken. `done` hears once, and never before this returns. Throws a RangeError
   * on headers that cannot be written.
   */
  overFlow(flow: Flow, what: OwnRequest, done: Done): void;
  /** The same to where this binding is reached. 503 where its connection is gone. */
  toBinding(binding: Binding, what: OwnRequest, done: Done): void;
  /** The same to the servers of this URI, found by name. RFC 3263. */
  toServers(uri: SipUri, what: OwnRequest, done: Done): void;
}

/** Which addresses are of this domain. */
export interface HostNames {
  /** Whether this is a name or address of the domain: what stands behind an @. */
  isHost(host: string): boolean;
  /** Whom an address here names, as an account is written; undefined for any other address. */
  userIn(uri: Octets): string | undefined;
}

/** What is said of a request: to its sender, and to the operator's log. */
export interface HostWords {
  /** Refuses it, with the reason in a Warning, and logs that. */
  explain(from: Incoming, status: number, why: string, headers?: Reply["headers"]): void;
  /** Answers it, and does so again when it comes again. */
  reply(from: Incoming, reply: Reply): void;
  /** Tells the log alone. `status` is left out where the request went on. */
  log(from: Incoming, kind: LogEntry["kind"], why: string, status?: number): void;
}

/** Hears how a request of the server's own ended. */
export type Done = (outcome: OwnOutcome) => void;

/** A request of the server's own. */
export interface OwnRequest {
  /** `NOTIFY`, `MESSAGE`, … Not INVITE, nor ACK. */
  readonly method: string;
  /** The Request-URI. */
  readonly uri: Octets;
  /** All of them but Via and Content-Length, in this order. */
  readonly headers: readonly HeaderField[];
  /** None if left out; its Content-Type is among the headers. */
  readonly body?: Octets;
  /**
   * The URI in its Contact, where that depends on the way it takes; then none is in `headers`.
   * `contactOn` says the server's own.
   */
  readonly contact?: (flow: Flow) => Octets;
}

/** How a request of the server's own ended. */
export interface OwnOutcome {
  /** Of the final response; 408 for silence, 503 where there was no way. */
  readonly status: number;
  /** Undefined where none came. */
  readonly response: Response | undefined;
}
