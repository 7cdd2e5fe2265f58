/** The names that an authority on the internet can sign for. */
import { isIP } from "node:net";
import { CannotStart } from "../cannot-start.ts";

/** Endings of names that the public DNS does not have. */
const PRIVATE = /(?:^|\.)(?:local|localhost|localdomain|internal|lan|home|home\.arpa|fritz\.box)$/;

export const isPublicName = (name: string): boolean =>
  name.includes(".") && isIP(name) === 0 && !PRIVATE.test(name);

/**
 * The domain and its other names, or those that the configuration lists. Throws CannotStart where
 * the domain is none that anybody could sign for.
 */
export function acmeNames(
  domain: string,
  aliases: readonly string[],
  listed: readonly string[] | undefined,
): readonly string[] {
  if (listed) return [...new Set(listed.map((name) => name.toLowerCase()))];
  if (!isPublicName(domain)) {
    throw new CannotStart(
      `No authority signs a certificate for ${domain}: it is no name of the public DNS. ` +
        "Give the house one at its first start (--domain), or leave out --acme.",
    );
  }
  const others = aliases.map((name) => name.toLowerCase()).filter(isPublicName);
  return [...new Set([domain, ...others])];
}
