/** Registrar. RFC 3261 §10.3. Who may register was settled before. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import type { Octets } from "../grammar/octets.ts";
import { ok } from "../grammar/result.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Millis } from "../transaction/timers.ts";
import { Pending, StoreBusy, withAnswer } from "./answer.ts";
import type { RegistrarGruus } from "./gruu-answer.ts";
import type { Binding, Location } from "./location.ts";
import { outboundHeaders, type Terms } from "./outbound.ts";
import { applyRegister, BINDING_LIMITS, type BindingLimits } from "./register.ts";
import { MIN_EXPIRES_SECONDS } from "./registered-contact.ts";

/** When to try again after the store failed. */
const RETRY_AFTER_SECONDS = 10;

export class Registrar {
  readonly #location: Location;
  /** The last REGISTER of each user that is still on its way to the store. */
  readonly #underway = new Map<string, Pending<void>[]>();

  readonly #limits: () => BindingLimits;
  readonly #gruus: RegistrarGruus;

  constructor(
    location: Location,
    gruus: RegistrarGruus,
    limits: () => BindingLimits = () => BINDING_LIMITS,
  ) {
    this.#location = location;
    this.#limits = limits;
    this.#gruus = gruus;
  }

  //= RFC 3261 §10.3
  //# REGISTER requests MUST be processed by a registrar in the order that they are received.
  //= RFC 3261 §10.3
  //# REGISTER requests MUST also be processed atomically, meaning that a particular REGISTER
  //# request is either processed completely or not at all.
  /** Carries a REGISTER out and answers it; `done` hears how. */
  register(endpoint: Endpoint, from: Incoming, who: Registrant, done: Done): void {
    const server = endpoint.accept(from, UNCONCERNED);
    if (!server) return;
    const user = who.account;
    const waiting = this.#underway.get(user);
    if (waiting) {
      const turn = new Pending<void>();
      waiting.push(turn);
      turn.whenSettled(() => this.#apply(endpoint, server, who, done), NEVER_FAILS);
    } else {
      this.#underway.set(user, []);
      this.#apply(endpoint, server, who, done);
    }
  }

  #apply(endpoint: Endpoint, server: ServerTransaction, who: Registrant, done: Done): void {
    const failed = (cause: unknown) => this.#failed(server, who.account, done, cause);
    const found = this.#location.bindings(who.account, endpoint.now);
    withAnswer(found, (current) => this.#update(endpoint, server, who, current, done), failed);
  }

  #update(
    endpoint: Endpoint,
    server: ServerTransaction,
    { account: user, credential, isOutbound, serviceRoute = [], headers: told = [] }: Registrant,
    current: readonly Binding[],
    done: Done,
  ): void {
    const { request, essentials, flow } = server.incoming;
    const source = { flow, isOutbound, ...(credential !== undefined && { credential }) };
    const limits = this.#limits();
    const applied = applyRegister(current, request, essentials, source, endpoint.now, limits);
    const next = applied.ok ? ok(this.#gruus.renewed(current, applied.value)) : applied;
    if (!next.ok) {
      const { status, message } = next.error;
      const headers: HeaderField[] = [];
      //= RFC 3261 §10.3
      //# This response MUST contain a Min-Expires header field that states the minimum expiration
      //# interval the registrar is willing to honor.
      if (status === 423) headers.push(["Min-Expires", String(MIN_EXPIRES_SECONDS)]);
      return this.#answer(server, { status, headers }, user, done, message);
    }
    // Nobody would ever take such a binding away again: its connection has closed already.
    const isGone = flow.connection !== 0 && !endpoint.connection(flow.connection);
    if (isGone) return this.#answer(server, { status: 408 }, user, done, "the connection is gone");
    const stored = next.value === current ? undefined : this.#location.replace(user, next.value);
    //= RFC 3608 §5
    //# Note that the Service-Route header field values MUST conform to the syntax of a Route
    //# element as defined in [3]. As suggested therein, such values MUST include the loose-routing
    //# indicator parameter ";lr" for full compliance with [3].
    //= RFC 3608 §6.3
    //# As suggested therein, such route elements MUST include the loose-routing indicator parameter
    //# ";lr" for full compliance with [3].
    // Whoever configures them sees to it.
    const serviceRoutes = serviceRoute.map((uri): HeaderField => ["Service-Route", `<${uri}>`]);
    const confirm = () => {
      const headers = [
        ...contactHeaders(next.value, endpoint.now, this.#gruus.given(request, user)),
        ...serviceRoutes,
        ...outboundHeaders(server.incoming, isOutbound && hasNumbered(next.value, server.incoming)),
        ...told,
      ];
      const why = `${next.value.length} device(s) of ${user} registered`;
      this.#answer(server, { status: 200, headers }, user, done, why);
    };
    withAnswer(stored, confirm, (cause) => this.#failed(server, user, done, cause));
  }

  //= RFC 3261 §10.3
  //# If any one of them fails (for example, because the back-end database commit failed), the
  //# request MUST fail with a 500 (Server Error) response and all tentative binding updates MUST be
  //# removed.
  #failed(server: ServerTransaction, user: string, done: Done, cause: unknown): void {
    const isBusy = cause instanceof StoreBusy;
    const seconds = isBusy ? cause.retryAfterSeconds : RETRY_AFTER_SECONDS;
    const headers: HeaderField[] = [["Retry-After", String(seconds)]];
    //= RFC 3261 §21.5.4
    //# The server is temporarily unable to process the request due to a temporary overloading or
    //# maintenance of the server.
    const why = isBusy ? cause.message : `the store failed: ${cause}`;
    this.#answer(server, { status: isBusy ? 503 : 500, headers }, user, done, why);
  }

  //= RFC 3261 §10.3
  //# A registrar MUST not generate 6xx responses.
  //= RFC 3261 §10.3
  //# Registrars MUST NOT include a Record-Route header field in any response to a REGISTER request.
  #answer(server: ServerTransaction, reply: Reply, user: string, done: Done, why: string): void {
    server.reply(reply);
    done(reply.status, why);
    this.#finish(user);
  }

  #finish(user: string): void {
    const next = this.#underway.get(user)?.shift();
    if (next) next.resolve();
    else this.#underway.delete(user);
  }
}

/** Whose devices they are, what the REGISTER signed in with, and how it is carried out. */
export interface Registrant extends Terms {
  readonly account: string;
  /** Undefined where no credentials were needed. */
  readonly credential: string | undefined;
  /** What its 200 says beside the contacts. */
  readonly headers?: readonly HeaderField[];
}

type Done = (status: number, why: string) => void;

//= RFC 3261 §10.3
//# The response MUST contain Contact header field values enumerating all current bindings. Each
//# Contact value MUST feature an "expires" parameter indicating its expiration interval chosen by
//# the registrar.
function contactHeaders(
  bindings: readonly Binding[],
  now: Millis,
  gruusOf: (binding: Binding) => Octets,
): HeaderField[] {
  return bindings.map((binding) => {
    const { contact, expiresAt, q, instance, regId } = binding;
    const expires = Math.max(1, Math.round((expiresAt - now) / 1000));
    const weight = q === 1000 ? "" : `;q=${q / 1000}`;
    //= RFC 5627 §5.2
    //# if the registrar has stored an instance ID associated with that contact, that instance ID is
    //# returned as a Contact header field parameter.
    const device = instance === undefined ? "" : `;+sip.instance="${instance}"`;
    const number = regId === undefined ? "" : `;reg-id=${regId}`;
    const said = `${weight}${device}${number}${gruusOf(binding)};expires=${expires}`;
    return ["Contact", `<${contact}>${said}`];
  });
}

/** Whether this REGISTER has put a flow with a number there. */
const hasNumbered = (bindings: readonly Binding[], { essentials }: Incoming): boolean =>
  bindings.some(
    ({ regId, callId, cseq }) =>
      regId !== undefined && callId === essentials.callId && cseq === essentials.cseq.number,
  );

const NEVER_FAILS = () => {};
const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
