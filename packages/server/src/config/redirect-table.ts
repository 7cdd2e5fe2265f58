/** The table of redirections, as a route. */
import type { Alternative, Asked, Decision } from "carillon/roles";
import { unescapeUri } from "carillon/uri";
import type { Redirect } from "./config.ts";

/** Looks a request up; undefined where nothing fits. */
export type Lookup = (asked: Asked) => Decision | undefined;

/**
 * Whole addresses are found at once however many there are; beginnings are gone through in order.
 * A REGISTER is nobody's invitation and is never redirected.
 */
export function redirectTable(redirects: readonly Redirect[]): Lookup {
  const whole = new Map<string, Redirect>();
  const beginnings: {
    readonly user: string;
    readonly domain: string;
    readonly redirect: Redirect;
  }[] = [];
  for (const redirect of redirects) {
    const [user = "", domain = ""] = redirect.to.split("@");
    if (user.endsWith("*")) {
      beginnings.push({ user: user.slice(0, -1), domain: domain.toLowerCase(), redirect });
    } else {
      const key = keyOf(user, domain.toLowerCase());
      if (!whole.has(key)) whole.set(key, redirect);
    }
  }
  return ({ uri, isOurs, method }) => {
    if (method === "REGISTER" || uri.user === undefined) return undefined;
    const user = unescapeUri(uri.user);
    // Without a domain, a row is about people of this one.
    const domain = isOurs ? "" : uri.host;
    const isFor = (row: { readonly user: string; readonly domain: string }) =>
      user.startsWith(row.user) && (row.domain === domain || row.domain === uri.host);
    const found =
      whole.get(keyOf(user, domain)) ??
      whole.get(keyOf(user, uri.host)) ??
      beginnings.find(isFor)?.redirect;
    return found && decision(found, uri.user);
  };
}

const keyOf = (user: string, domain: string): string => `${user}@${domain}`;

function decision({ contacts, status = 302 }: Redirect, user: string): Decision {
  return { kind: "Redirect", status, contacts: contacts.map((one) => alternative(one, user)) };
}

/** The user part goes in as it came, escapes and all. */
function alternative(contact: Redirect["contacts"][number], user: string): Alternative {
  const { uri, q } = typeof contact === "string" ? { uri: contact, q: undefined } : contact;
  const filled = uri.replaceAll("{user}", () => user);
  return q === undefined ? { uri: filled } : { uri: filled, q };
}
