/** The address of a conversation: who it is with, and nothing about the way there. */
import { formatAddress, formatHost } from "../uri/host.ts";
import { escapeUser, parseSipUri, unescapeUri } from "../uri/sip-uri.ts";

/**
 * `sip:bob@example.com` of any SIP URI that means Bob. Throws a RangeError on what is no SIP URI.
 */
export function chatAddress(uri: string): string {
  const address = addressIn(uri);
  if (address !== undefined) return address;
  throw new RangeError(`not the address of a person or a group: ${JSON.stringify(uri)}`);
}

/** The same; undefined for what is none. Whatever means the same is spelled the same. */
export function addressIn(uri: string): string | undefined {
  const parsed = parseSipUri(uri.replace(/^(im|pres|sips):/i, "sip:"));
  if (!parsed.ok) return undefined;
  const { user, host, port } = parsed.value;
  const where = port === undefined ? formatHost(host) : formatAddress({ host, port });
  return user === undefined ? `sip:${where}` : `sip:${escapeUser(unescapeUri(user))}@${where}`;
}
