/**
 * The name of this page as a device, for its server: flows and an address of its own (RFC 5626, RFC
 * 5627). It outlives a page that is loaded anew, and two tabs never have the same: a page takes it
 * out of its tab's drawer and puts it back as it goes, so that a tab that is duplicated meanwhile
 * has a copy of an empty drawer.
 */
import type { Drawer } from "./kept-calls.ts";

/** The one that the page before this had here, or a new one: `urn:uuid:…` (RFC 4122 §4.4). */
export function takeInstance(drawer: Drawer, seat: string): string {
  const kept = drawer.getItem(keyOf(seat)) ?? "";
  drawer.removeItem(keyOf(seat));
  return URN.test(kept) ? kept : newInstance();
}

/** For the page that comes after this one. */
export function keepInstance(drawer: Drawer, seat: string, instance: string): void {
  drawer.setItem(keyOf(seat), instance);
}

const URN = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const keyOf = (seat: string): string => `carillon.instance ${seat}`;

/** `crypto.randomUUID` is not there over http, which a house at home may be reached by. */
function newInstance(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const at = [0, 8, 12, 16, 20, 32];
  const parts = at.slice(1).map((end, nth) => hex.slice(at[nth], end));
  return `urn:uuid:${parts.join("-")}`;
}
