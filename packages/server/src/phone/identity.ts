/** Who a phone is, and where it signs in. */
import { escapeUser, formatHost, parseSipUri, unescapeUri } from "carillon/uri";
import { lanAddress } from "../own-addresses.ts";
import type { PhoneSettings } from "../phone-command.ts";

export interface Identity {
  readonly aor: string;
  readonly servers: readonly string[];
  /** Who signs in. */
  readonly user: string;
  /** Where names without an @ are; undefined without a server. */
  readonly domain: string | undefined;
}

/**
 * With an address of one's own it signs in at that domain's server unless told another; without
 * one it is whoever is logged in, at this machine, with no server.
 */
export function identity(
  { servers, user }: Pick<PhoneSettings, "servers" | "user">,
  aor: string | undefined,
  host: string | undefined,
  login: string,
): Identity {
  const own = aor === undefined ? undefined : parseSipUri(aor);
  if (aor === undefined || !own?.ok) {
    const name = user ?? login;
    const domain = serverHost(servers[0]);
    const where = formatHost(domain ?? host ?? lanAddress() ?? "127.0.0.1");
    return { aor: `sip:${escapeUser(name)}@${where}`, servers, user: name, domain };
  }
  const { value } = own;
  const name = user ?? unescapeUri(value.user ?? "");
  const scheme = /^sips:/i.test(aor) ? "sips" : "sip";
  const port = value.port === undefined ? "" : `:${value.port}`;
  const itsServer = `${scheme}:${formatHost(value.host)}${port}`;
  return {
    ...{ aor, user: name, domain: value.host },
    servers: servers.length > 0 ? servers : [itsServer],
  };
}

function serverHost(server: string | undefined): string | undefined {
  const uri = server === undefined ? undefined : parseSipUri(server);
  if (uri?.ok) return uri.value.host;
  return server !== undefined && URL.canParse(server)
    ? new URL(server).hostname.replace(/^\[|\]$/g, "")
    : undefined;
}
