/**
 * A relay of MSRP: clients sign in with AUTH, get a URI that leads to them, and messages go by way
 * of it. RFC 4976 §6. It is nobody's open relay: what is forwarded goes to or comes from a client
 * that has signed in.
 *
 * Chunks go on as they come, in pieces of its own, each a request of its own: nothing waits for the
 * end of a file, and one connection carries many. What waits for a next hop counts against whoever
 * sends it, and stops being read there.
 */
import { parseNumber } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import type { BodyTaker, ConnectionUser, MsrpConnection } from "./connection.ts";
import { Forwarding, type Path } from "./forwarding.ts";
import type { MsrpHost, OwnPlace } from "./link.ts";
import {
  type MsrpHeader,
  type MsrpRequest,
  type MsrpResponse,
  msrpHeader,
  reportingOf,
  responseTo,
} from "./message.ts";
import { formatPath, type MsrpUri, sameMsrpUri } from "./msrp-uri.ts";
import { refuse } from "./session.ts";

/** Who it is that asks to be relayed, or what to say to find out. */
export type RelayVerdict =
  | {
      readonly kind: "Known";
      readonly account: string;
      /** Authentication-Info. */
      readonly headers: readonly MsrpHeader[];
    }
  /** 401, with WWW-Authenticate. */
  | { readonly kind: "Asked"; readonly headers: readonly MsrpHeader[] }
  /** 403: known, and not to be relayed. */
  | { readonly kind: "Forbidden" };

/** What a relay needs. */
export interface RelayOptions {
  /** Its timers and its dice. */
  readonly host: MsrpHost;
  /** What its URIs have in common. */
  readonly place: OwnPlace;
  /** Judges an AUTH. */
  authenticate(request: MsrpRequest, on: MsrpConnection): RelayVerdict;
  /** Opens a connection to a next hop that is none of ours; without it there are none. */
  connect?(to: MsrpUri, account: string): Promise<MsrpConnection>;
  /** How long a URI is valid, in seconds, where a client asks for nothing. */
  readonly defaultSeconds?: number;
  /** The least that it may ask for, in seconds: less is a 423. */
  readonly minSeconds?: number;
  /** The most, in seconds. */
  readonly maxSeconds?: number;
  /** URIs of one account at a time. */
  readonly handlesPerAccount?: number;
}

/** A URI that was given out. */
interface Handle {
  readonly uri: MsrpUri;
  readonly account: string;
  /** The client's own URI, and the connection it is on. */
  readonly client: MsrpUri;
  readonly connection: MsrpConnection;
  /** The connection that the other side of the session is on: one, the first that knew the URI. */
  outside: MsrpConnection | undefined;
  /** The same while it is being opened. */
  opening: Promise<MsrpConnection> | undefined;
  readonly cancel: () => void;
}

/** AUTHs that failed on one connection before it is closed. */
const MAX_FAILED = 5;

/** A relay of MSRP. RFC 4976 §6. Put it behind a switchboard: `board.otherwise = relay`. */
export class Relay implements ConnectionUser {
  readonly #options: RelayOptions;
  readonly #handles = new Map<string, Handle>();
  readonly #forwarding: Forwarding;
  readonly #failed = new WeakMap<MsrpConnection, number>();

  /** Begins with nobody. */
  constructor(options: RelayOptions) {
    this.#options = options;
    this.#forwarding = new Forwarding(options.host);
  }

  /** URIs that are valid. */
  get handles(): number {
    return this.#handles.size;
  }

  /** For connections: a request that is for no session of this end. */
  request(request: MsrpRequest, on: MsrpConnection): BodyTaker | undefined {
    const [first, next] = request.toPath;
    if (request.method === "AUTH" && next === undefined) return this.#auth(request, on);
    const handle = first && this.#find(first);
    //= RFC 4976 §6.4
    //# Before any request is forwarded, the relay MUST check that the first URI in the To-Path
    //# header corresponds to a URI that this relay has created and handed out in the Use-Path
    //# header of an AUTH request.
    if (!first || !handle) return this.#strange(request, on, first);
    if (next === undefined) return this.#toRelay(request, on, handle);
    if (on === handle.connection) return this.#outward(request, on, handle);
    return this.#inward(request, on, handle, [handle], request.toPath.slice(1));
  }

  /** For connections: one is gone, and with it all that led there. */
  closed(connection: MsrpConnection): void {
    for (const handle of [...this.#handles.values()]) {
      //= RFC 4976 §6.3
      //# If the client's connection is closed and then reopened, the URI MUST be invalidated.
      if (handle.connection === connection) this.#forget(handle);
      else if (handle.outside === connection) handle.outside = undefined;
    }
  }

  #find(uri: MsrpUri): Handle | undefined {
    const handle = this.#handles.get(uri.sessionId ?? "");
    return handle && sameMsrpUri(handle.uri, uri) ? handle : undefined;
  }

  #forget(handle: Handle): void {
    handle.cancel();
    this.#handles.delete(handle.uri.sessionId ?? "");
  }

  //= RFC 4976 §6.2
  //# If the request is not addressed to the relay, the relay immediately drops the corresponding
  //# connection over which the request was received.
  #strange(request: MsrpRequest, on: MsrpConnection, first: MsrpUri | undefined): undefined {
    const { host, port } = this.#options.place;
    if (first?.host !== host || first.port !== port) return on.close() as undefined;
    return refuse(on, request, 481);
  }

  /** For nobody behind it: a client says that it is there. RFC 7977 §6. */
  #toRelay(request: MsrpRequest, on: MsrpConnection, handle: Handle): undefined {
    const isOwner = on === handle.connection && request.method === "SEND";
    if (!isOwner || request.contentType !== undefined) return refuse(on, request, 481);
    if (reportingOf(request)?.failure === "yes") on.respond(responseTo(request, 200));
    return undefined;
  }

  // ---- AUTH ------------------------------------------------------------------------------------

  #auth(request: MsrpRequest, on: MsrpConnection): undefined {
    const verdict = this.#options.authenticate(request, on);
    if (verdict.kind === "Known") return this.#admit(request, on, verdict);
    const isTry = msrpHeader(request, "Authorization") !== undefined;
    //= RFC 4976 §5.1
    //# In response to an AUTH request that does not contain an Authorization header, a relay MUST
    //# respond with a "401 Unauthorized" response containing a WWW-Authenticate header.
    if (verdict.kind === "Asked") say(on, request, 401, verdict.headers);
    //= RFC 4976 §6.3
    //# If the client is not authorized, the relay returns a 403 response.
    else say(on, request, 403, []);
    //= RFC 4976 §6.3
    //# If a relay receives several unsuccessful AUTH requests from a client that is directly
    //# connected to it via TLS, the relay SHOULD terminate the corresponding connection.
    if (!isTry) return undefined;
    const failed = (this.#failed.get(on) ?? 0) + 1;
    this.#failed.set(on, failed);
    if (failed >= MAX_FAILED) on.close();
    return undefined;
  }

  #admit(
    request: MsrpRequest,
    on: MsrpConnection,
    { account, headers }: Extract<RelayVerdict, { kind: "Known" }>,
  ): undefined {
    const { host, place, defaultSeconds = 1800, minSeconds = 60 } = this.#options;
    const { maxSeconds = 86_400, handlesPerAccount = 64 } = this.#options;
    const asked = msrpHeader(request, "Expires");
    const seconds = asked === undefined ? defaultSeconds : parseNumber(asked, 2 ** 32);
    if (seconds === undefined) return refuse(on, request, 400);
    //= RFC 4976 §6.3
    //# If the client has requested a particular expiration time in an Expires header, the relay
    //# needs to check that the time is acceptable to it and, if not, return an error containing a
    //# Min-Expires or Max-Expires header, as appropriate.
    if (seconds < minSeconds) return say(on, request, 423, [["Min-Expires", String(minSeconds)]]);
    if (seconds > maxSeconds) return say(on, request, 423, [["Max-Expires", String(maxSeconds)]]);
    const [client] = request.fromPath;
    const own = [...this.#handles.values()].filter((one) => one.account === account);
    if (!client || own.length >= handlesPerAccount) return say(on, request, 403, []);
    //= RFC 4976 §6.3
    //# The URI MUST contain at least 64 bits of cryptographically random material so that it is not
    //# guessable by attackers.
    const sessionId = host.random(20);
    const uri: MsrpUri = { ...place, userinfo: undefined, sessionId, params: [] };
    //= RFC 4976 §6.3
    //# If the AUTH request contains an Expires header, the relay MUST ensure that the URI is
    //# invalidated after the expiry time.
    const cancel = host.at(host.now() + 1000 * seconds, () => this.#handles.delete(sessionId));
    const handle: Handle = {
      ...{ uri, account, client, connection: on, outside: undefined, opening: undefined, cancel },
    };
    this.#handles.set(sessionId, handle);
    on.known();
    say(on, request, 200, [
      ["Use-Path", formatPath([uri])],
      ["Expires", String(seconds)],
      ...headers,
    ]);
    return undefined;
  }

  // ---- forwarding ------------------------------------------------------------------------------

  //= RFC 4976 §6.4
  //# Next it verifies that either 1) the next hop is the next hop back toward the client that
  //# obtained this URI, or 2) the previous hop was the correct previous hop coming from the client
  //# that obtained this URI.
  /** To a client that has signed in; `moved` are the URIs of ours that it has passed. */
  #inward(
    request: MsrpRequest,
    on: MsrpConnection,
    handle: Handle,
    moved: readonly Handle[],
    rest: readonly MsrpUri[],
  ): BodyTaker | undefined {
    const [next] = rest;
    if (!next || !sameMsrpUri(next, handle.client)) return refuse(on, request, 403);
    // As between two ends: one connection a session, so that nobody speaks in between.
    if (handle.outside && handle.outside !== on && !handle.outside.isClosed) {
      return refuse(on, request, 506);
    }
    handle.outside = on;
    on.known();
    return this.#forward(
      request,
      on,
      { moved: moved.map(({ uri }) => uri), rest },
      handle.connection,
    );
  }

  /** From a client that has signed in, to whoever it names. */
  #outward(request: MsrpRequest, on: MsrpConnection, handle: Handle): BodyTaker | undefined {
    const rest = request.toPath.slice(1);
    const [next] = rest;
    const other = next && this.#find(next);
    if (other) return this.#inward(request, on, other, [handle, other], rest.slice(1));
    const path: Path = { moved: [handle.uri], rest };
    if (handle.outside && !handle.outside.isClosed) {
      return this.#forward(request, on, path, handle.outside);
    }
    const { connect } = this.#options;
    if (!connect || !next) return refuse(on, request, 403);
    handle.opening ??= connect(next, handle.account).finally(() => {
      handle.opening = undefined;
    });
    const opened = handle.opening.then((connection) => {
      handle.outside = connection;
      return connection;
    });
    opened.catch(() => {});
    return this.#forward(request, on, path, opened);
  }

  #forward(
    request: MsrpRequest,
    on: MsrpConnection,
    path: Path,
    to: MsrpConnection | Promise<MsrpConnection>,
  ): BodyTaker | undefined {
    if (request.method === "SEND") return this.#forwarding.send(request, on, path, to);
    void Promise.resolve(to).then(
      (connection) => this.#forwardOther(request, on, path, connection),
      () => refuse(on, request, 408),
    );
    return undefined;
  }

  /** A report, an AUTH for a relay behind this one, or what nobody here knows. */
  #forwardOther(request: MsrpRequest, on: MsrpConnection, path: Path, to: MsrpConnection): void {
    const { host } = this.#options;
    const { moved, rest } = path;
    const forwarded: MsrpRequest = {
      ...{ ...request, transactionId: host.random(10), contentType: undefined },
      //= RFC 4976 §6.4.2
      //# Then the relay moves its URI from the beginning of the To-Path headers to the beginning of
      //# the From-Path header and forwards the request on to the next hop.
      ...{ toPath: rest, fromPath: [...moved.toReversed(), ...request.fromPath] },
    };
    if (request.method === "REPORT") return to.say(forwarded);
    to.ask(forwarded, (response) => {
      if (!response) return void refuse(on, request, 408);
      on.respond(returned(response, request.transactionId, moved));
    });
  }
}

//= RFC 4976 §6.4.3
//# If there are additional URIs in the To-Path header, the relay MUST then move its URI from the
//# To-Path header, insert its URI in front of any other URIs in the From-Path header, and forward
//# the response to the next URI in the To-Path header.
const returned = (
  response: MsrpResponse,
  transactionId: Octets,
  moved: readonly MsrpUri[],
): MsrpResponse => ({
  ...{ ...response, transactionId, toPath: response.toPath.slice(moved.length) },
  fromPath: [...moved, ...response.fromPath],
});

function say(
  on: MsrpConnection,
  request: MsrpRequest,
  status: number,
  headers: readonly MsrpHeader[],
): undefined {
  on.respond({ ...responseTo(request, status), headers });
  return undefined;
}
