/** Addresses as journals have them: `sip:user@host`, without parameters, in one spelling. */

import { MAX_ADDRESS } from "../documents/journal.ts";
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import { formatHost } from "../uri/host.ts";
import { escapeUser, parseSipUri, unescapeUri } from "../uri/sip-uri.ts";

/** The address of an account or a group of this domain. */
export const addressIn = (domain: string, name: string): string =>
  `sip:${escapeUser(fromText(name))}@${domain}`;

/** The end of a Message-ID that the server made up, for what came without one. */
const MADE_UP = ".plain";

/** A Message-ID for a message that has none: `name` is the same each time its request comes. */
export const madeUpId = (name: string): string => `${name}${MADE_UP}`;

/** Whether nobody but the server knows this Message-ID: it came without message/cpim. */
export const isMadeUpId = (id: string): boolean => id.endsWith(MADE_UP);

/** The name of somebody, for people: the user part of their address. */
export function nameOf(address: string): string {
  const uri = parseSipUri(fromText(address));
  return uri.ok && uri.value.user !== undefined ? toText(unescapeUri(uri.value.user)) : address;
}

/** Somebody's address in another domain. Undefined for what is none, or is over 512 characters. */
export function addressElsewhere(uri: Octets): string | undefined {
  const read = parseSipUri(uri);
  if (!read.ok || read.value.user === undefined) return undefined;
  const { user, host, port } = read.value;
  const where = `${formatHost(host)}${port === undefined ? "" : `:${port}`}`;
  const address = `sip:${escapeUser(unescapeUri(user))}@${where.toLowerCase()}`;
  return address.length <= MAX_ADDRESS ? address : undefined;
}
