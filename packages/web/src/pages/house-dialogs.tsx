/** The dialogs of the rail: an invitation, one's other phones, who sees one. */
import type { ReactNode } from "react";
import { DevicesDialog } from "../people/devices-dialog.tsx";
import { InviteDialog } from "../people/invite-dialog.tsx";
import { RulesDialog } from "../people/rules-dialog.tsx";

export type OpenDialog = "Invite" | "Devices" | "Rules";

export interface HouseDialogsProps {
  readonly open: OpenDialog | undefined;
  readonly onOpen: (dialog: OpenDialog | undefined) => void;
}

export function HouseDialogs({ open, onOpen }: HouseDialogsProps): ReactNode {
  const props = (name: OpenDialog) => ({
    open: open === name,
    onOpenChange: (isOpen: boolean) => onOpen(isOpen ? name : undefined),
  });
  return (
    <>
      <InviteDialog {...props("Invite")} />
      <DevicesDialog {...props("Devices")} />
      <RulesDialog {...props("Rules")} />
    </>
  );
}
