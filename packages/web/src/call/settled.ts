/**
 * A call may begin to ring while somebody types: the focus jumps to Answer, and the next letter
 * or space must not answer. Keys count only once the ringing has been there to be seen.
 */

const SETTLE_MS = 500;
let ringing: { readonly id: string; readonly sinceMs: number } | undefined;

/** Called when a ringing call becomes visible. */
export function settle(callId: string): void {
  if (ringing?.id !== callId) ringing = { id: callId, sinceMs: performance.now() };
}

export function isSettled(callId: string): boolean {
  return ringing?.id === callId && performance.now() - ringing.sinceMs >= SETTLE_MS;
}
