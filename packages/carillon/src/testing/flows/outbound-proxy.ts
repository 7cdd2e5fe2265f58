/**
 * A proxy of somebody else's: an office's, over which its people call whoever they like. It wants
 * to know who they are, stays in the dialog, and sends everything on to one next hop.
 */
import type { Crypto } from "../../auth/crypto.ts";
import type { Endpoint } from "../../endpoint/endpoint.ts";
import { createEndpoint } from "../../endpoint/endpoint.ts";
import type { Incoming } from "../../endpoint/incoming.ts";
import type { Role } from "../../endpoint/role.ts";
import type { Accounts } from "../../roles/accounts.ts";
import { Cookies } from "../../roles/cookie.ts";
import { Copies } from "../../roles/copies.ts";
import { FlowTokens } from "../../roles/flow-token.ts";
import { Guard } from "../../roles/guard.ts";
import { InDialog, isSource } from "../../roles/in-dialog.ts";
import { MemoryLocation } from "../../roles/location.ts";
import { ProxyContext } from "../../roles/proxy-context.ts";
import { type Routes, readRoutes } from "../../roles/routes.ts";
import { ServedNames } from "../../roles/served-names.ts";
import type { Flow } from "../../transport/flow.ts";
import type { Address } from "../../uri/host.ts";

export interface OutboundProxyOptions {
  readonly crypto: Crypto;
  readonly realm: string;
  readonly accounts: Accounts;
  readonly local: Address;
  readonly next: Address;
}

export function outboundProxy(options: OutboundProxyOptions): Endpoint {
  const { crypto } = options;
  const key = crypto.randomBytes(32);
  const role = new OutboundProxy(options, key);
  return createEndpoint({ role, crypto, key, node: NODE, product: "" });
}

const NODE = "o1";

class OutboundProxy implements Role {
  readonly #options: OutboundProxyOptions;
  readonly #names: ServedNames;
  readonly #guard: Guard;
  readonly #onward: Flow;
  #endpoint!: Endpoint;
  #cookies!: Cookies;
  #copies!: Copies;
  #dialogs!: InDialog;

  constructor(options: OutboundProxyOptions, key: Uint8Array) {
    const { local, next } = options;
    this.#options = options;
    this.#names = new ServedNames([local.host]);
    this.#guard = new Guard({ ...options, key, tokenKey: key, node: NODE });
    this.#onward = { transport: "UDP", local, remote: next, connection: 0 };
  }

  attach(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#cookies = new Cookies(endpoint.ids, "o");
    const { realm } = this.#options;
    this.#copies = new Copies(endpoint, this.#cookies, { realm, isPartner: () => false });
    this.#dialogs = new InDialog({
      endpoint,
      names: this.#names,
      location: new MemoryLocation(),
      copies: this.#copies,
    });
  }

  request(from: Incoming): void {
    const routes = this.#routes(from);
    const { cookie } = routes;
    const isKnown = cookie && isSource(cookie.source, from.flow);
    const verdict = isKnown || this.#guard.check(from, this.#endpoint.now);
    if (verdict !== true && verdict.kind === "Asked") {
      return this.#endpoint.reply(from, verdict.reply);
    }
    const context = ProxyContext.accept(this.#endpoint, from);
    if (!context) return;
    const refuse = ({ status }: { readonly status: number }) => context.refuse({ status });
    if (cookie) return this.#dialogs.forward(context, routes, cookie, refuse);
    const target = { flow: this.#onward, uri: routes.uri, breadth: 60 };
    const branch = this.#copies.first(from, routes, target);
    if (branch) context.forward([branch]);
    else refuse({ status: 513 });
  }

  ack(from: Incoming): void {
    const routes = this.#routes(from);
    if (routes.cookie) this.#dialogs.forwardAck(from, routes, routes.cookie);
  }

  #routes(from: Incoming): Routes {
    const { locals } = this.#endpoint;
    const readers = { cookies: this.#cookies, tokens: new FlowTokens(this.#endpoint.ids, "o") };
    return readRoutes(from, (uri) => this.#names.isOurs(uri, from.flow, locals), readers);
  }
}
