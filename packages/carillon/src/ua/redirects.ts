/**
 * A call of ours that is sent elsewhere, from one contact to the next. RFC 3261 §8.1.3.4. Runs the
 * machine of `usage/redirection.ts`.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { readContactParams } from "../message/header/contact-params.ts";
import { elements } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import * as redirection from "../usage/redirection.ts";
import type { Elsewhere, ElsewhereUser } from "./elsewhere.ts";
import { invitationIn } from "./invitation.ts";
import { partsOf } from "./phone-parts.ts";
import type { RequestOf } from "./plain-request.ts";

/** `follow`, `refuse`, or whoever decides for these targets; a promise that rejects means no. */
export type RedirectPolicy =
  | "follow"
  | "refuse"
  | ((targets: readonly string[]) => boolean | Promise<boolean>);

/**
 * Has calls of this phone that a 3xx sends elsewhere go there, one contact after the other by their
 * q, unless `policy` says otherwise. Without this they end with that 3xx. RFC 3261 §8.1.3.4.
 */
export function followRedirects(phone: object, policy: RedirectPolicy = "follow"): void {
  const { agent, whileOpen } = partsOf(phone);
  agent.abilities.elsewhere = (first, user) => {
    const ask = (targets: readonly string[]): void => {
      if (typeof policy === "string") return redirects.decided(policy === "follow");
      // Not in the turn that it came in: a function of the application's may do anything.
      const decide = async () => policy(targets);
      const decided = (goOn: boolean) => whileOpen(() => redirects.decided(goOn));
      decide().then(decided, () => decided(false));
    };
    const redirects: Redirects = new Redirects(first, agent.abilities.requestOf, { ...user, ask });
    return redirects;
  };
}

interface RedirectsUser extends ElsewhereUser {
  /** Whether to go to these: answer by `decided`, now or later. */
  ask(targets: readonly Octets[]): void;
}

/** Contacts of one response that are looked at. */
const MAX_READ = 64;
const LIMITS = { maxRedirections: 5, maxTargets: 16 };

class Redirects implements Elsewhere {
  readonly #first: UriRequest;
  readonly #user: RedirectsUser;
  readonly #requestOf: RequestOf;
  readonly #params: redirection.Params;
  #state: redirection.State;

  constructor(first: UriRequest, requestOf: RequestOf, user: RedirectsUser) {
    this.#requestOf = requestOf;
    this.#first = first;
    this.#user = user;
    this.#params = { target: first.uri, ...LIMITS };
    [this.#state] = redirection.start(this.#params, 0);
  }

  /** No INVITE is out: somebody has to decide. */
  get isAsking(): boolean {
    return this.#state.name === "Asking";
  }

  /** A final refusal; or `failed` for what stands for one. */
  refused(response: Response): void {
    const { status } = response;
    if (status >= 400) return this.failed(status);
    const contacts = contactsIn(response);
    this.#step({ kind: "Redirected", status, contacts });
  }

  failed(status: number): void {
    this.#step({ kind: "Failed", status });
  }

  decided(goOn: boolean): void {
    this.#step({ kind: "Decided", goOn });
  }

  #step(input: redirection.Input): void {
    const [state, ...outputs] = redirection.step(this.#params, this.#state, input, 0);
    this.#state = state;
    for (const output of outputs) {
      if (output.kind === "Ask") this.#user.ask(output.targets);
      else if (output.kind === "GiveUp") this.#user.giveUp(output.status);
      else this.#try(output.uri);
    }
  }

  //= RFC 3261 §8.1.3.4
  //# In order to create a request based on a contact address in a 3xx response, a UAC MUST copy the
  //# entire URI from the target set into the Request-URI, except for the "method-param" and
  //# "header" URI parameters (see Section 19.1.1 for a definition of these parameters).
  //= RFC 3261 §8.1.3.4
  //# It is RECOMMENDED that the UAC reuse the same To, From, and Call-ID used in the original
  //# redirected request
  //= RFC 3911 §5
  //# If the User Agent receives a 300-class response, and acts on this response by sending an
  //# INVITE to a Contact in the response, this redirected INVITE MUST contain the same Join header
  //# which was present in the original request.
  #try(uri: Octets): void {
    const parsed = parseSipUri(uri);
    const asked = parsed.ok ? invitationIn(parsed.value, this.#requestOf) : parsed;
    if (!asked.ok) return this.failed(asked.error.status);
    const { to, headers } = this.#first;
    this.#user.invite({ ...asked.value, to, headers: merged(headers, asked.value.headers) });
  }
}

//= RFC 3261 §8.1.3.4
//# It uses the "header" parameters to create header field values for the new request, overwriting
//# header field values associated with the redirected request in accordance with the guidelines in
//# Section 19.1.5.
// But not whose place a call is to take: that is for whoever calls to say.
function merged(
  own: readonly HeaderField[],
  theirs: readonly HeaderField[],
): readonly HeaderField[] {
  const fresh = theirs.filter(([name]) => !OWN.has(name.toLowerCase()));
  const named = new Set(fresh.map(([name]) => name.toLowerCase()));
  return [...own.filter(([name]) => !named.has(name.toLowerCase())), ...fresh];
}

const OWN: ReadonlySet<string> = new Set(["replaces", "join", "target-dialog", "require"]);

function contactsIn(response: Response): readonly redirection.Target[] {
  const all = elements(response, "Contact");
  return (all.ok ? all.value : []).slice(0, MAX_READ).flatMap((element) => {
    const contact = parseNameAddr(flat(element));
    if (!contact.ok) return [];
    return [{ uri: contact.value.uri, q: readContactParams(contact.value.params).q ?? 1 }];
  });
}
