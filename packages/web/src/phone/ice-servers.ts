/** STUN and TURN servers of the house: asked for when the phone opens, and before they run out. */
import { iceServers } from "carillon";
import { readIceServers } from "../api.ts";

/** After an answer that did not come. */
const RETRY_MS = 30_000;

/** Until `signal` is aborted. A house that cannot be asked just now leaves calls without. */
export async function keepIceServers(
  phone: object,
  seat: string,
  signal: AbortSignal,
): Promise<void> {
  iceServers(phone, []);
  while (!signal.aborted) {
    const told = await readIceServers(seat).catch(() => undefined);
    if (signal.aborted) return;
    if (told) iceServers(phone, told.iceServers);
    await pause(told ? freshMs(told.expiresSeconds) : RETRY_MS, signal);
  }
}

/** Half of their time: a call that begins then has as long again to begin. */
export const freshMs = (expiresSeconds: number): number =>
  Math.min(Math.max(expiresSeconds * 500, RETRY_MS), 2 ** 31 - 1);

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
