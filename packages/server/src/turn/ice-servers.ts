/** What WebRTC is told about STUN and TURN servers: addresses, and credentials for a while. */
import { isIPv6 } from "node:net";
import { nodeStunCrypto } from "carillon/node";
import { turnCredentials } from "carillon/turn";

/** One entry of `iceServers`, as browsers and `carillon-media` have it. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export interface IceServers {
  readonly iceServers: readonly IceServer[];
  /** After that they have to be asked for again; calls that go on keep what they have. */
  readonly expiresSeconds: number;
}

/** A new allocation needs them, so that a page that is closed has them for so long. */
export const CREDENTIAL_SECONDS = 3600;

const crypto = nodeStunCrypto();

/** Our own, at the name by which whoever asks has reached us. */
export function ownServers(host: string, port: number): readonly string[] {
  const at = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return [`stun:${at}`, `turn:${at}?transport=udp`];
}

/** With credentials for this account; none where there are no servers. */
export function iceServersFor(
  account: string,
  urls: readonly string[],
  { secret, nowMs }: { readonly secret: Uint8Array; readonly nowMs: number },
): IceServers {
  const expiresSeconds = nowMs / 1000 + CREDENTIAL_SECONDS;
  const stun = urls.filter((url) => url.startsWith("stun"));
  const turn = urls.filter((url) => url.startsWith("turn"));
  const iceServers: IceServer[] = stun.length > 0 ? [{ urls: stun }] : [];
  if (turn.length > 0) {
    iceServers.push({
      urls: turn,
      ...turnCredentials(secret, { expiresSeconds, account }, crypto),
    });
  }
  return { iceServers, expiresSeconds: CREDENTIAL_SECONDS };
}
