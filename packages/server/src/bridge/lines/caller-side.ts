/** A caller of a line, as the engine has to treat it. */
import type { OwnAddress, Side } from "carillon/b2bua";
import type { Flow } from "carillon/endpoint";

/** The only side of its call. */
export const CALLER = "caller";

/** `offer` is empty where the caller has left that to us. */
export function callerSide(
  flow: Flow,
  offer: string,
  addressOn: (flow: Flow) => OwnAddress = ({ local }) => ({ address: plain(local.host) }),
): Side {
  const { remote, transport } = flow;
  const isPage = transport === "WS" || transport === "WSS";
  return {
    ...{ tag: CALLER, ...addressOn(flow) },
    transport: offer === "" && isPage ? "webrtc" : "any",
    isBehindNat: !isPage && describesElsewhere(offer, plain(remote.host)),
  };
}

/** Where the address of a description is another than where it came from. RFC 8866 §5.7 */
function describesElsewhere(offer: string, from: string): boolean {
  const address = /^c=IN IP[46] ([^\s/]+)/m.exec(offer)?.[1];
  return address !== undefined && address !== from;
}

/** An IPv4 address is not always told as one. */
const plain = (host: string): string => host.replace(/^::ffff:(?=\d+\.)/i, "");
