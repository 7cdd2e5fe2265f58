/** Whether requests can be made from what a peer wrote into the dialog. */
import { type Dialog, uasDialog } from "../dialog/dialog.ts";
import { isUsable } from "../dialog/usable-dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";

/** The dialog that an INVITE asks for; undefined if we could say nothing in it. */
export function dialogOf({ request, essentials }: Incoming, localTag: string): Dialog | undefined {
  // A quoted-pair may hold a NUL, and a name with one cannot be written again.
  const names = `${essentials.from.displayName}${essentials.to.displayName}`;
  if (names.includes("\0")) return undefined;
  const dialog = uasDialog(request, essentials, localTag, 180);
  return dialog && isUsable(dialog) ? dialog : undefined;
}
