/** Keys during a call. Pure: a key and what it happens in, and what it means. */

export type Shortcut = "Answer" | "Mute" | "Camera" | "Hold" | "HangUp";

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

export interface Situation {
  /** The focus is where letters are text. */
  readonly typing: boolean;
  readonly ringing: boolean;
  readonly inCall: boolean;
}

/** Shown in the help, in this order. */
export const shortcutHelp: readonly { readonly keys: readonly string[]; readonly does: string }[] =
  [
    { keys: ["A"], does: "Answer as you are called, with video or voice" },
    { keys: ["Esc"], does: "Decline a call, close a dialog" },
    { keys: ["M"], does: "Mute or unmute your microphone" },
    { keys: ["V"], does: "Turn your camera off or on" },
    { keys: ["H"], does: "Hold the call, or take it back" },
    { keys: ["Shift", "H"], does: "Hang up" },
  ];

export function shortcutOf(press: KeyPress, situation: Situation): Shortcut | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || press.repeat) return undefined;
  if (situation.typing) return undefined;
  const key = press.key.toLowerCase();
  // With a call going on, one key must not end it to answer another.
  if (key === "a" && situation.ringing && !situation.inCall) return "Answer";
  if (!situation.inCall) return undefined;
  if (key === "h" && press.shiftKey) return "HangUp";
  if (press.shiftKey) return undefined;
  if (key === "m") return "Mute";
  if (key === "h") return "Hold";
  return key === "v" ? "Camera" : undefined;
}
