/**
 * Which REGISTERs get to the registrar, once it is known whose they are. RFC 3261 §10.3, steps 2 to
 * 5.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { elements } from "../message/headers.ts";
import type { Flow } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import type { Accounts } from "./accounts.ts";
import type { Admitted } from "./admission.ts";
import { REFUSED_CONTACTS, refusedKind } from "./contact-kinds.ts";
import { REGISTRAR_EXTENSIONS, termsOf } from "./outbound.ts";
import type { Policy } from "./policy.ts";
import type { Registrant } from "./registrar.ts";
import type { ServedNames } from "./served-names.ts";
import { type Refusal, unsupported } from "./validation.ts";
import type { Waker } from "./waker.ts";

/** RFC 5627 §5.2 has no answer name "gruu", so that it is not among those that are told. */
const REGISTER_MAY_REQUIRE: readonly string[] = [...REGISTRAR_EXTENSIONS, "gruu"];

const TRUSTED_PLACE = { by: "a trusted place", credential: undefined } as const;

export interface RegistrationRightsParts {
  readonly endpoint: Endpoint;
  readonly names: ServedNames;
  readonly accounts: Accounts;
  readonly waker: Waker;
  policy(): Policy;
  /** From where requests need no credentials; from nowhere if left out. */
  readonly trusts?: ((flow: Flow) => boolean) | undefined;
}

/** On which terms it is carried out, and by what right, for the log. */
export interface Entitled {
  readonly who: Registrant;
  readonly by: string;
}

export class RegistrationRights {
  readonly #parts: RegistrationRightsParts;

  constructor(parts: RegistrationRightsParts) {
    this.#parts = parts;
  }

  judge(from: Incoming, admitted: Admitted): Entitled | Refusal {
    const { names, accounts, waker, trusts, policy } = this.#parts;
    //= RFC 3261 §10.3
    //# To guarantee that the registrar supports any necessary extensions, the registrar MUST
    //# process the Require header field values as described for UASs in Section 8.2.2.
    //= RFC 5627 §5.1
    //# A REGISTER request might contain a Require header field with the "gruu" option tag; this
    //# indicates that the registrar has to understand this extension in order to process the
    //# request.
    const required = unsupported(from, "Require", REGISTER_MAY_REQUIRE);
    if (required) return required;
    //= RFC 3261 §10.3
    //# If the authenticated user is not authorized to modify bindings, the registrar MUST return a
    //# 403 (Forbidden) and skip the remaining steps.
    const account = names.userIn(from.essentials.to.uri);
    if (!this.#mayRegister(admitted, account)) return NOT_ONES_OWN;
    //= RFC 3261 §10.3
    //# If the address-of-record is not valid for the domain in the Request-URI, the registrar MUST
    //# send a 404 (Not Found) response and skip the remaining steps.
    if (!accounts.has(account)) return { status: 404, why: `nobody here is called ${account}` };
    const refused = this.#refusedContact(from);
    if (refused) return refused;
    const terms = termsOf(from, trusts?.(from.flow) === true);
    if ("status" in terms) return terms;
    const push = waker.terms(from, () => account);
    if (push.kind === "Refused") return { ...push.reply, why: push.why };
    const { by, credential } = admitted.kind === "Known" ? admitted : TRUSTED_PLACE;
    const { serviceRoute } = policy();
    return { who: { account, credential, serviceRoute, ...terms, headers: push.headers }, by };
  }

  /** A partner registers nobody; people register for themselves, and by right for others. */
  #mayRegister(admitted: Admitted, account: string | undefined): account is string {
    if (account === undefined || admitted.kind === "Partner") return false;
    if (admitted.kind === "Vouched") return false;
    if (admitted.kind === "Trusted" || account === admitted.account) return true;
    return this.#parts.policy().registersFor?.(admitted.account, account) === true;
  }

  #refusedContact(from: Incoming): Refusal | undefined {
    //= RFC 5627 §5.1
    //# If the contact URI is equivalent (based on URI equivalence in RFC 3261 [1]) to the AOR, the
    //# registrar MUST reject the request with a 403, since this would cause a routing loop. If the
    //# contact URI is a GRUU for the AOR in the To header field of the REGISTER request, the
    //# registrar MUST reject the request with a 403, for the same reason.
    if (this.#isContactHere(from)) return CONTACT_HERE;
    const kind = refusedKind(from, this.#parts.policy().refusedContacts ?? REFUSED_CONTACTS);
    if (kind === undefined) return undefined;
    return { status: 403, why: `no device is reached at such a contact: ${kind}` };
  }

  /**
   * Whether it wants calls for this domain sent to this domain. They would go to whoever registered
   * and not here: such a device is a server that sends them back, by mistake or on purpose, which
   * is how RFC 5393 §3 makes one request many.
   */
  #isContactHere({ request, flow }: Incoming): boolean {
    const { names, endpoint } = this.#parts;
    const contacts = elements(request, "Contact");
    if (!contacts.ok) return false;
    return contacts.value.some((text) => {
      const address = parseNameAddr(text);
      return address.ok && names.leadsHere(address.value.uri, flow, endpoint.addresses);
    });
  }
}

const NOT_ONES_OWN: Refusal = {
  status: 403,
  why: "devices can be registered for one's own address only",
};
const CONTACT_HERE: Refusal = {
  status: 403,
  why: "no device is reached at an address of this domain itself",
};
