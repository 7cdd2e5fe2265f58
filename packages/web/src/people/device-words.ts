/** What is said about phones. */
import type { Device, NewDevice } from "../api.ts";

export function deviceName({ label, deskPhone }: Pick<Device, "label" | "deskPhone">): string {
  if (label !== "") return label;
  return deskPhone ? "Desk phone" : "Phone";
}

export function deviceState({ here, createdAt }: Device, locale?: string): string {
  if (here) return "Here, and rings when you are called";
  const day = new Date(createdAt).toLocaleDateString(locale, { day: "numeric", month: "long" });
  return `Not here at the moment; connected since ${day}`;
}

/** In the words that phones' own menus use most. */
export function settingsOf(made: NewDevice): readonly (readonly [name: string, value: string])[] {
  return [
    ["Server", `${made.server}:${made.port} (UDP)`],
    ["User name", made.user],
    ["Password", made.password],
    ["Domain", made.domain],
  ];
}
