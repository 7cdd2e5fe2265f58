/** The URLs of this server's own page, as whoever is told of them can open them. */
import type { LiveCredentials } from "../certificates/live-credentials.ts";
import { isEverywhere, lanAddress } from "../own-addresses.ts";
import type { Settings } from "../settings.ts";
import { portOf } from "./served-ports.ts";
import type { WebParts } from "./web-parts.ts";

interface BaseOptions {
  readonly domain: string;
  readonly settings: Pick<Settings, "host" | "plainHttp">;
  readonly credentials: Pick<LiveCredentials, "isOwn">;
}

/** What the URLs of files begin with: over https where somebody vouches for it. */
export function baseOf(
  { app, secure }: WebParts,
  { domain, settings: { host, plainHttp }, credentials: { isOwn } }: BaseOptions,
): string {
  if (secure && !isOwn) return `https://${domain}:${secure.port}`;
  const at = bracketed(lanOf(host) ?? nameHere(host));
  if (secure && plainHttp === "off") return `https://${at}:${secure.port}`;
  return `http://${at}:${portOf(app)}`;
}

/** The address for others in the same network; undefined where one address was named to bind. */
export const lanOf = (host: string | undefined): string | undefined =>
  isEverywhere(host) ? lanAddress() : undefined;

/** Browsers give the microphone to localhost, so that name is used wherever it leads here. */
export const nameHere = (host: string | undefined): string =>
  host === undefined || isHere(host) ? "localhost" : host;

const isHere = (host: string): boolean =>
  isEverywhere(host) || host === "127.0.0.1" || host === "::1";

/** An IPv6 address as it stands in a URL. */
export const bracketed = (name: string): string => (name.includes(":") ? `[${name}]` : name);
