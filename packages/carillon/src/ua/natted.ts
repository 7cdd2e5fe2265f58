/** Whether somebody on the way writes other addresses. RFC 3581. */
import type { Via } from "../message/via.ts";

/** Whether a NAT is on the way: the server saw us at another address than the one we wrote. */
export function isNatted(via: Via): boolean {
  const [received, rport] = [via.params.get("received"), via.params.get("rport")];
  const isMoved = received !== undefined && received !== via.host;
  return isMoved || (rport !== undefined && rport !== "" && Number(rport) !== (via.port ?? 5060));
}
