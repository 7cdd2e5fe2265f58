/** All services of one domain, as one: asked in order, until one takes it. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { HeaderField } from "../message/compose.ts";
import { allowEventsHeader } from "../usage/notify-body.ts";
import type { Asked } from "./policy.ts";
import type { Routes } from "./routes.ts";
import type { Service, ServiceHost, ServiceRequest, Vouched } from "./services.ts";

export class ServicesAsked {
  readonly #all: readonly Service[];
  readonly #host: ServiceHost;

  /** Attaches them. */
  constructor(all: readonly Service[], host: ServiceHost) {
    this.#all = all;
    this.#host = host;
    for (const one of all) one.attach(host);
  }

  /** From outside of any dialog. */
  take(from: Incoming, routes: Routes, asked: Asked): boolean {
    const { method } = from.request;
    const wanting = this.#all.filter(({ methods }) => methods?.includes(method) ?? true);
    // Most requests are calls, which nobody here wants.
    if (wanting.length === 0 || !isForAnyone(from, routes)) return false;
    const request = this.requestOf(from, routes, asked);
    return wanting.some((one) => one.take(request));
  }

  /** With a To tag. */
  inDialog(from: Incoming, routes: Routes, asked: Asked): boolean {
    if (this.#all.length === 0 || routes.foreign) return false;
    const request = this.requestOf(from, routes, asked);
    return this.#all.some((one) => one.inDialog?.(request) === true);
  }

  /** With a To tag, before its sender is known. */
  inOwnDialog(from: Incoming, routes: Routes): boolean {
    if (routes.cookie || routes.foreign || from.essentials.toTag === "") return false;
    return this.#all.some((one) => one.inOwnDialog?.(from) === true);
  }

  ack(from: Incoming): boolean {
    return this.#all.some((one) => one.ack?.(from) === true);
  }

  /** In whose name one of them has sent this. */
  vouches(from: Incoming): Vouched | undefined {
    for (const one of this.#all) {
      const vouched = one.vouches?.(from);
      if (vouched) return vouched;
    }
    return undefined;
  }

  /** The request as services see it. */
  requestOf(from: Incoming, routes: Routes, { account, uri, isOurs }: Asked): ServiceRequest {
    const user = isOurs ? this.#host.names.userIn(from.request.uri) : undefined;
    const isPerson = user !== undefined && this.#host.accounts.has(user);
    return { from, routes, account, uri, isOurs, user, isPerson };
  }

  closed: NonNullable<Service["closed"]> = (flow) => {
    for (const one of this.#all) one.closed?.(flow);
  };

  registered: NonNullable<Service["registered"]> = (account, from) => {
    for (const one of this.#all) one.registered?.(account, from);
  };

  /** Methods that the server itself answers beside its own. */
  get methods(): readonly string[] {
    return this.#all.flatMap(({ methods = [] }) => methods);
  }

  //= RFC 6665 §4.4.4
  //# The "Allow-Events" header field, if present, MUST include a comprehensive and inclusive list
  //# of tokens that indicates the event packages for which the user agent can act as a notifier.
  /** What they add to an answer about what the server can do. */
  get headers(): readonly HeaderField[] {
    return allowEventsHeader([...new Set(this.#all.flatMap(({ events = [] }) => events))]);
  }
}

/** Nobody takes what is to go on to another server, or begins nothing. */
const isForAnyone = ({ request, essentials }: Incoming, { foreign }: Routes): boolean =>
  !foreign && request.method !== "REGISTER" && essentials.toTag === "";
