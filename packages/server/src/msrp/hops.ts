/**
 * Where the relay connects to for people here: other ends and other relays, over TCP and TLS, and
 * nothing of this machine. RFC 4976 §6.4.2.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { MsrpConnection, MsrpUri, Switchboard } from "carillon/msrp";
import { streamMsrp, type TlsCredentials } from "carillon/node";
import { ownAddresses } from "../own-addresses.ts";
import { isHop } from "./hop-rules.ts";

/** Opens a connection to a next hop; rejects in words where there is to be none. */
export type Hop = (to: MsrpUri) => Promise<MsrpConnection>;

/** Connections that are being opened at a time. */
const MAX_OPENING = 64;
const NOT_THERE = "no connection goes there";

export function hops(board: Switchboard, credentials: () => TlsCredentials): Hop {
  let opening = 0;
  const open = async (to: MsrpUri): Promise<MsrpConnection> => {
    const { host, scheme, port = 2855 } = to;
    const found = isIP(host) ? [{ address: host }] : await lookup(host, { all: true });
    const [first] = found;
    const own = new Set(ownAddresses());
    const isOpen = found.every(({ address }) => isHop({ scheme, port, address }, own));
    if (!first || !isOpen) throw new Error(NOT_THERE);
    const { ca } = credentials();
    const world = await streamMsrp({ tls: ca === undefined ? {} : { ca } });
    // What was looked at is what is connected to; over TLS the certificate has to name the host.
    const at = scheme === "msrps" ? to : { ...to, host: first.address };
    let made: MsrpConnection | undefined;
    await world.connect(at, (link) => {
      made = board.connection(link);
      return made;
    });
    if (!made) throw new Error(NOT_THERE);
    return made;
  };
  return async (to) => {
    if (opening >= MAX_OPENING) throw new Error(NOT_THERE);
    opening++;
    return open(to).finally(() => {
      opening--;
    });
  };
}
