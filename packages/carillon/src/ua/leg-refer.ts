/** A REFER to the other side of a call: in its dialog, or beside it. RFC 7647 §4. */
import { isGruu } from "../uri/gruu.ts";
import type { DialogUsages } from "./dialog-usages.ts";
import type { Leg } from "./leg.ts";
import { SentOutside, targetDialogHeaders } from "./outside-refer.ts";
import type { Referring, SentReferUser } from "./sent-refer.ts";

//= RFC 7647 §4
//# A user agent constructing a REFER request that could result in an implicit subscription in a
//# dialog MUST build it as an out-of-dialog message as defined in [RFC3261], unless the remote
//# endpoint is an older implementation of RFC 3515 that has not been updated to conform to RFC 6665
//# (as determined by the absence of a GRUU in the remote target).
/** False: it cannot be asked now. */
export function referIn(
  { parts: { side } }: Leg,
  usages: DialogUsages,
  what: Referring,
  user: SentReferUser,
): boolean {
  const within = () => usages.refer(what, user) !== undefined;
  if (!isGruu(side.remoteTarget)) return within();
  const { agent, way, remoteTarget, callId, localTag, remoteTag } = side;
  const headers = [...what.headers, ...targetDialogHeaders({ callId, localTag, remoteTag })];
  const failed = (status: number, refused: boolean) => {
    // It knows no Target-Dialog: then it is an older implementation, for all its GRUU.
    if (!refused || status !== 420 || !within()) user.failed(status, refused);
  };
  const beside = { ...user, failed };
  return SentOutside.send(agent, way, remoteTarget, { ...what, headers }, beside) !== undefined;
}
