/**
 * `edge` of the configuration: this server in front of another registrar. RFC 5626 §5.
 */
import { BlockList, isIP, isIPv6 } from "node:net";
import type { EdgePolicy } from "carillon/roles";
import { parseSipUri } from "carillon/uri";
import { z } from "zod";
import { isDomain } from "../store/house.ts";

const domain = z.string().refine((text) => isDomain(text.toLowerCase()), {
  error: "the name of a domain, such as biloxi.example",
});

const registrar = z.string().refine((text) => parseSipUri(text).ok, {
  error: "a sip URI, such as sip:10.0.0.7 or sip:registrar.example;transport=tls",
});

const address = z.string().refine((text) => isIP(text) !== 0, { error: "an IP address" });

export const edge = z
  .strictObject({
    /** Whose phones come here. */
    domains: z.array(domain).min(1).max(1000),
    /** Where all that they send goes: to the next of several where one does not answer. */
    registrar: z.union([registrar, z.array(registrar).min(1).max(16)]),
    /** From where what is for them comes; the registrars' addresses if left out. */
    from: z.array(address).min(1).max(256).optional(),
    /** Takes phones, too, that do not say that they know Path. False if left out. RFC 3327. */
    pathForAll: z.boolean().optional(),
    /**
     * A name that leads to this edge and to others that may stand in for it: phones have it in the
     * routes of their dialogs. This edge's address if left out.
     */
    name: domain.optional(),
    /**
     * No server behind this one wakes phones: who asks for a push service that is not here hears
     * so, 555. False if left out: their registrar is asked. RFC 8599.
     */
    lastToWake: z.boolean().optional(),
  })
  .refine(({ registrar: uris, from }) => from !== undefined || [uris].flat().every(hostIn), {
    error: "from is needed where the registrar is a name: the addresses that it sends from",
  });

/** As the library asks for it. */
export function edgePolicy(config: EdgeConfig): EdgePolicy {
  const { domains, registrar: uris, from, pathForAll, name, lastToWake } = config;
  const registrars = [uris].flat();
  const served = new Set(domains.map((name) => name.toLowerCase()));
  const home = new BlockList();
  const addresses = from ?? registrars.flatMap((uri) => hostIn(uri) ?? []);
  for (const one of addresses) home.addAddress(one, familyOf(one));
  return {
    isServed: (name) => served.has(name),
    registrar: registrars,
    isHome: ({ remote }) => home.check(remote.host, familyOf(remote.host)),
    addsPathForAll: pathForAll === true,
    name: name?.toLowerCase(),
    isLastToWake: lastToWake === true,
  };
}

/** Whether this host is a registrar of the edge's, which may be in a network of one's own. */
export const isRegistrarOf = ({ registrar: uris }: EdgeConfig, host: string): boolean =>
  [uris].flat().some((uri) => {
    const read = parseSipUri(uri);
    return read.ok && read.value.host === host;
  });

export type EdgeConfig = z.input<typeof edge>;

const familyOf = (host: string) => (isIPv6(host) ? "ipv6" : "ipv4");

/** The address in a URI, without brackets; undefined for a name. */
function hostIn(text: string): string | undefined {
  const read = parseSipUri(text);
  if (!read.ok) return undefined;
  const host = read.value.host.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : host;
}
