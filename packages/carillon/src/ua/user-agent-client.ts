/**
 * Asks one thing of whoever serves a URI, outside of every dialog, and waits for the final
 * response: OPTIONS, MESSAGE, REGISTER. RFC 3261 §8.1.
 *
 * It needs no server of its own: whom the URI means is found by RFC 3263, and tried one after the
 * other. A password is shown only where the sender's own domain, or a server named by the caller,
 * is asked: what a stranger gets to see of it could be guessed at.
 */
import type { Crypto } from "../auth/crypto.ts";
import { createEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import { viaOf } from "../endpoint/farewell.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Role } from "../endpoint/role.ts";
import { Servers, type ServersOptions } from "../endpoint/servers.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Wanted, wantedByUri } from "../locate/wanted.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { sameHost } from "../uri/host.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import { type Account, AskedPassword } from "./asked-password.ts";
import type { Credentials } from "./credentials.ts";
import { type NoAnswer, OutgoingRequest, type RequestUser } from "./outgoing-request.ts";
import type { PhoneHost } from "./phone.ts";

/** A request outside of every dialog. */
export interface Question {
  /** `OPTIONS`, `MESSAGE`, `REGISTER`, … */
  readonly method: string;
  /** The Request-URI: `sip:bob@example.com`. */
  readonly uri: string;
  /** Who asks: `sip:alice@example.com`. */
  readonly from: string;
  /** What goes into To, if it is not `uri`. */
  readonly to?: string;
  /** Who is asked instead of whom `uri` leads to: a SIP URI. */
  readonly server?: string;
  /** Beside those that every request has. */
  readonly headers?: readonly HeaderField[];
  /** Octets; its Content-Type is among `headers`. */
  readonly body?: Octets;
  /** Who signs it; without one a challenge is the answer. */
  readonly account?: Account;
  /** How long to wait for the answer to each try. Without it, as long as RFC 3261 does: 32 s. */
  readonly timeoutMs?: number;
}

/** What became of a question. */
export type Answer =
  | {
      readonly kind: "Answered";
      /** The final response. */
      readonly response: Response;
      /** From the last try to it, with the time that a connection took. */
      readonly roundTripMs: Millis;
      /** The way it came. */
      readonly flow: Flow;
    }
  /** `words` are for people. */
  | { readonly kind: "Unanswered"; readonly reason: NoAnswer; readonly words: string };

/** What may be said to a client. */
export interface ClientOptions {
  /** Said in User-Agent; empty says nothing. */
  readonly product?: string;
  /** How servers are found. RFC 3263. */
  readonly servers?: ServersOptions;
}

/** What a client needs of the world it runs in. */
export interface ClientWorld {
  /** Hashes for digest, and random octets. */
  readonly crypto: Crypto;
  /** Starts the endpoint; the result runs things in its turn and stops it. */
  readonly run: (endpoint: Endpoint) => PhoneHost;
}

//= RFC 3428 §8
//# The size of MESSAGE requests outside of a media session MUST NOT exceed 1300 bytes, unless the
//# UAC has positive knowledge that the message will not traverse a congestion-unsafe link at any
//# hop
const MAX_MESSAGE_BYTES = 1300;

/** Nobody has reason to ask us anything, and nothing is in its turn. */
const UNCONCERNED = { attach() {}, ack() {} };

/** Asks single questions, of whoever an address leads to. RFC 3261 §8.1. */
export class UserAgentClient {
  readonly #endpoint: Endpoint;
  readonly #host: PhoneHost;

  constructor({ product = "", servers = {} }: ClientOptions, { crypto, run }: ClientWorld) {
    let endpoint: Endpoint | undefined;
    const request = (from: Incoming) => endpoint?.reply(from, { status: 480 });
    const role: Role = { ...UNCONCERNED, request };
    const made = createEndpoint({ role, crypto, product, servers });
    made.find(() => new Servers(made, made.serversOptions));
    endpoint = made;
    this.#endpoint = made;
    this.#host = run(made);
  }

  /** Sends it, again with credentials if it has to. Throws a RangeError on what is no SIP URI. */
  ask(question: Question): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const wanted = nextHop(question);
    const credentials = this.#credentials(question);
    this.#host.call(() => new Asking(this.#endpoint, question, wanted, credentials, resolve));
    return promise;
  }

  /** Stops; what waits for an answer waits in vain. */
  close(): void {
    this.#host.close();
  }

  #credentials({ account, server, from, uri, method }: Question): Credentials | undefined {
    const domain = sipUri(from).host;
    const isOwn =
      server !== undefined || method === "REGISTER" || sameHost(sipUri(uri).host, domain);
    if (!account || !isOwn) return undefined;
    const call = (run: () => void) => this.#host.call(run);
    return new AskedPassword(this.#endpoint.crypto, account, domain, call);
  }
}

//= RFC 3261 §8.1.2
//# Local policy MAY specify an alternate set of destinations to attempt. If the Request-URI
//# contains a SIPS URI, any alternate destinations MUST be contacted with TLS.
// Without a Route, which would be the better way to a proxy: many servers refuse one that they did
// not make, and a registrar or a phone that is asked by another address has no use for it.
function nextHop({ uri, server }: Question): Wanted {
  const isSecure = sipUri(uri).scheme === "sips";
  const hop = sipUri(server ?? uri);
  return wantedByUri(hop, isSecure || hop.scheme === "sips");
}

function sipUri(text: string): SipUri {
  const uri = parseSipUri(text);
  if (!uri.ok) throw new RangeError(`${JSON.stringify(text)}: ${uri.error.message}`);
  return uri.value;
}

/** One question on its way. */
class Asking implements RequestUser {
  readonly #endpoint: Endpoint;
  readonly #timeoutMs: number | undefined;
  readonly #done: (answer: Answer) => void;
  readonly #timer: Timer = newTimer({ due: () => this.#late() });
  /** When each try left, by the branch of its Via: a server given up may answer all the same. */
  readonly #sentAt = new Map<string, Millis>();
  readonly #request: OutgoingRequest;

  constructor(
    endpoint: Endpoint,
    question: Question,
    wanted: Wanted,
    credentials: Credentials | undefined,
    done: (answer: Answer) => void,
  ) {
    this.#endpoint = endpoint;
    this.#timeoutMs = question.timeoutMs;
    this.#done = done;
    let seq = 0;
    this.#wait();
    this.#request = new OutgoingRequest(
      {
        ...{ method: question.method, uri: question.uri, headers: headersOf(question, endpoint) },
        ...(question.body === undefined ? {} : { body: question.body }),
        ...(question.method === "MESSAGE" ? { maxBytes: MAX_MESSAGE_BYTES } : {}),
      },
      {
        endpoint,
        to: wanted,
        via: (about, flow) => {
          const branch = endpoint.ids.branch(about);
          this.#sentAt.set(branch, endpoint.now);
          return viaOf(flow, branch);
        },
        credentials: credentials && this.#patiently(credentials),
        nextSeq: () => ++seq,
      },
      this,
    );
  }

  response(response: Response, { via }: Essentials): void {
    const flow = this.#request.client?.flow;
    if (response.status < 200 || !flow) return;
    const { now } = this.#endpoint;
    const roundTripMs = now - (this.#sentAt.get(via.branch) ?? now);
    this.#end({ kind: "Answered", response, roundTripMs, flow });
  }

  failed(reason: NoAnswer, words = WORDS[reason]): void {
    this.#end({ kind: "Unanswered", reason, words });
  }

  /** Whoever types a password takes their time, and it is not the server's. */
  #patiently(credentials: Credentials): Credentials {
    return {
      upFront: () => credentials.upFront(),
      answer: (refused, done) => {
        this.#endpoint.schedule(this.#timer, NEVER);
        credentials.answer(refused, (shown) => {
          if (shown) this.#wait();
          done(shown);
        });
      },
    };
  }

  #wait(): void {
    if (this.#timeoutMs === undefined) return;
    this.#endpoint.schedule(this.#timer, this.#endpoint.now + this.#timeoutMs);
  }

  #late(): void {
    this.failed("timeout");
    this.#request.abandon();
  }

  #end(answer: Answer): void {
    this.#endpoint.schedule(this.#timer, NEVER);
    this.#done(answer);
  }
}

function headersOf(question: Question, { ids }: Endpoint): readonly HeaderField[] {
  const { from, uri, to = uri, headers = [] } = question;
  //= RFC 3261 §8.1.1
  //# A valid SIP request formulated by a UAC MUST, at a minimum, contain the following header
  //# fields: To, From, CSeq, Call-ID, Max-Forwards, and Via;
  return [
    ["Max-Forwards", "70"],
    //= RFC 3261 §8.1.1.3
    //# The From field MUST contain a new "tag" parameter, chosen by the UAC.
    ["From", `<${from}>;tag=${ids.unique()}`],
    ["To", `<${to}>`],
    ["Call-ID", ids.unique()],
    ...headers,
  ];
}

const WORDS: Readonly<Record<NoAnswer, string>> = {
  timeout: "nobody answered in time",
  transport: "the connection broke",
  abandoned: "it was no longer wanted",
  unavailable: "all of its servers are busy",
  "too-large": `a message has ${MAX_MESSAGE_BYTES} octets at most, with all its headers`,
};
