/** Registrar. RFC 3261 §10.3. Who may register was settled before. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Millis } from "../transaction/timers.ts";
import { Pending, withAnswer } from "./answer.ts";
import type { Binding, Location } from "./location.ts";
import { applyRegister, MIN_EXPIRES_SECONDS } from "./register.ts";

export class Registrar {
  readonly #location: Location;
  /** The last REGISTER of each user that is still on its way to the store. */
  readonly #underway = new Map<string, Pending<void>[]>();

  constructor(location: Location) {
    this.#location = location;
  }

  //= RFC 3261 §10.3
  //# REGISTER requests MUST be processed by a registrar in the order that they are received.
  //= RFC 3261 §10.3
  //# REGISTER requests MUST also be processed atomically, meaning that a particular REGISTER
  //# request is either processed completely or not at all.
  /** Carries a REGISTER out and answers it; `done` hears how. */
  register(endpoint: Endpoint, from: Incoming, user: string, done: Done): void {
    const server = endpoint.accept(from, UNCONCERNED);
    if (!server) return;
    const waiting = this.#underway.get(user);
    if (waiting) {
      const turn = new Pending<void>();
      waiting.push(turn);
      turn.whenResolved(() => this.#apply(endpoint, server, user, done));
    } else {
      this.#underway.set(user, []);
      this.#apply(endpoint, server, user, done);
    }
  }

  #apply(endpoint: Endpoint, server: ServerTransaction, user: string, done: Done): void {
    withAnswer(this.#location.bindings(user, endpoint.now), (current) => {
      const { request, essentials, flow } = server.incoming;
      const next = applyRegister(current, request, essentials, flow, endpoint.now);
      if (!next.ok) {
        const { status, message } = next.error;
        const headers: HeaderField[] = [];
        //= RFC 3261 §10.3
        //# MUST contain a Min-Expires header field that states the minimum expiration interval the
        //# registrar is willing to honor.
        if (status === 423) headers.push(["Min-Expires", String(MIN_EXPIRES_SECONDS)]);
        server.reply({ status, headers });
        done(status, message);
        return this.#finish(user);
      }
      const stored = next.value === current ? undefined : this.#location.replace(user, next.value);
      withAnswer(stored, () => {
        server.reply({ status: 200, headers: contactHeaders(next.value, endpoint.now) });
        done(200, `${next.value.length} device(s) of ${user} registered`);
        this.#finish(user);
      });
    });
  }

  #finish(user: string): void {
    const next = this.#underway.get(user)?.shift();
    if (next) next.resolve();
    else this.#underway.delete(user);
  }
}

type Done = (status: number, why: string) => void;

//= RFC 3261 §10.3
//# The response MUST contain Contact header field values enumerating all current bindings. Each
//# Contact value MUST feature an "expires" parameter indicating its expiration interval chosen by
//# the registrar.
function contactHeaders(bindings: readonly Binding[], now: Millis): HeaderField[] {
  return bindings.map(({ contact, expiresAt, q }) => {
    const expires = Math.max(1, Math.round((expiresAt - now) / 1000));
    const weight = q === 1000 ? "" : `;q=${q / 1000}`;
    return ["Contact", `<${contact}>${weight};expires=${expires}`];
  });
}

const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
