/**
 * Who a request from outside a dialog comes from, as far as it has to be known before it goes on:
 * by credentials, or because of the place it comes from. RFC 3261 §16.3, §22.3.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { isIdentifiedAs } from "../locate/tls-identity.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Guard, Verdict } from "./guard.ts";
import type { Policy } from "./policy.ts";
import type { ServedNames } from "./served-names.ts";
import type { ServicesAsked } from "./services-asked.ts";

/**
 * Who may go on: somebody known, whoever comes from a trusted place, a partner's server, a part of
 * this server in somebody's name.
 */
export type Admitted =
  | Extract<Verdict, { kind: "Known" }>
  | { readonly kind: "Trusted" }
  | { readonly kind: "Vouched"; readonly account: string | undefined }
  | { readonly kind: "Partner" };
const TRUSTED = { kind: "Trusted" } as const;
const PARTNER = { kind: "Partner" } as const;

export interface AdmissionParts {
  readonly endpoint: Endpoint;
  readonly guard: Guard;
  readonly names: ServedNames;
  services(): ServicesAsked;
  policy(): Policy;
  /** From where requests need no credentials; from nowhere if left out. */
  readonly trusts?: ((flow: Flow) => boolean) | undefined;
}

export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  judge(from: Incoming): Admitted | Exclude<Verdict, { kind: "Known" }> {
    const { services, trusts, guard, endpoint } = this.#parts;
    const vouched = services().vouches(from);
    if (vouched) return { kind: "Vouched", account: vouched.account };
    if (trusts?.(from.flow) === true) return TRUSTED;
    return this.isPartner(from) ? PARTNER : guard.check(from, endpoint.now);
  }

  //= RFC 5922 §7.4
  //# When authenticating the client, the server MUST obtain the set of SIP domain identities from
  //# the client certificate as described in Section 7.1.
  /** A server of another domain that shows its certificate, in the name of somebody there. */
  isPartner({ flow, essentials }: Incoming): boolean {
    const { policy, endpoint, names } = this.#parts;
    const { partners } = policy();
    const identities = partners ? endpoint.identities(flow.connection) : [];
    const from = identities.length > 0 ? parseSipUri(essentials.from.uri) : undefined;
    if (!from?.ok || names.isHost(from.value.host)) return false;
    const domain = from.value.host.toLowerCase();
    return isIdentifiedAs(domain, identities) && partners?.(domain) === true;
  }
}
