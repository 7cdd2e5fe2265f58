/** Listens for the keys of a call, anywhere on the page. */
import { useEffect } from "react";
import { firstRinging, inCall } from "../phone/desk.ts";
import type { PhoneStore } from "../phone/phone-store.ts";
import { isSettled } from "./settled.ts";
import { shortcutsOn } from "./shortcut-setting.ts";
import { shortcutOf } from "./shortcuts.ts";

export function useShortcuts(phone: PhoneStore): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => press(phone, event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [phone]);
}

function press(phone: PhoneStore, event: KeyboardEvent): void {
  if (!shortcutsOn.read() || event.defaultPrevented) return;
  const desk = phone.desk.read();
  const caller = firstRinging(desk);
  const ringing = caller !== undefined && isSettled(caller.id);
  const typing = isText(event.target);
  const shortcut = shortcutOf(event, { typing, ringing, inCall: inCall(desk) });
  if (shortcut === "Answer" && caller !== undefined) void phone.answer(caller.id, caller.video);
  if (shortcut === "Mute") phone.toggleMuted();
  if (shortcut === "Camera") void phone.toggleCamera();
  if (shortcut === "Hold") void phone.toggleHold();
  if (shortcut === "HangUp") phone.hangUp();
}

function isText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  return target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
}
