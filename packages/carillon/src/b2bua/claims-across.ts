/**
 * What an INVITE says of other calls, for whoever gets it in place of the one that was sent: in the
 * ids that they know. RFC 3891, RFC 3911, RFC 4538.
 */
import type { HeaderField } from "../message/compose.ts";
import { elements, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { joinAcross, type MappedIds, replacesAcross, targetDialogAcross } from "./mapped-ids.ts";

/** Option tags without which such an INVITE would be taken for any other. */
const CLAIMS: readonly string[] = ["replaces", "join", "tdialog"];

/** Replaces, Join and Target-Dialog, and what of its Require is about them. */
export function claimsAcross(request: Request, { across }: MappedIds): readonly HeaderField[] {
  const replaces = headerLines(request, "Replaces").map(
    (one): HeaderField => ["Replaces", replacesAcross(one, across)],
  );
  const joins = headerLines(request, "Join").map(
    (one): HeaderField => ["Join", joinAcross(one, across)],
  );
  const dialogs = headerLines(request, "Target-Dialog").map(
    (one): HeaderField => ["Target-Dialog", targetDialogAcross(one, across)],
  );
  const claims = [...replaces, ...joins, ...dialogs];
  const required = elements(request, "Require");
  const tags = required.ok ? required.value.filter((one) => CLAIMS.includes(one)) : [];
  const requires: readonly HeaderField[] =
    claims.length > 0 && tags.length > 0 ? [["Require", tags.join(", ")]] : [];
  return [...claims, ...requires];
}
