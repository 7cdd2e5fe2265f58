/** Who is the client of a DTLS association that was negotiated before. RFC 8842 §5.3. */
import type { Agreed } from "./agreed.ts";
import { grouped, peerTransport } from "./offered-media.ts";

export type DtlsRole = "active" | "passive";

/** Our role in each slot, from what both ends said last: whoever answered said it. */
export function dtlsRoles(before: Agreed | undefined): (slot: number) => DtlsRole | undefined {
  if (!before) return () => undefined;
  const [local, remote] = [grouped(before.local), grouped(before.remote)];
  return (slot) => {
    const [own, peer] = [before.local.media[slot], before.remote.media[slot]];
    const said = own && peerTransport(local, own).setup;
    if (said === "active" || said === "passive") return said;
    const answered = peer && peerTransport(remote, peer).setup;
    if (answered === "active") return "passive";
    return answered === "passive" ? "active" : undefined;
  };
}
