/**
 * An answering machine as an application has it: it is given its phone and its clock, so that a
 * test can give it others. answering-machine.test.ts beside it shows how.
 */
import type { Call, CorePhone, MediaSession } from "carillon/ua";

export interface MachineOptions {
  /** `setTimeout` of `node:timers/promises` in the program, `network.sleep` in tests. */
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly ringsMs: number;
  readonly longestMs: number;
  /** Somebody has left a message. */
  readonly left: (from: string) => void;
}

/** Answers whatever comes, until the phone is closed. */
export async function answeringMachine<M extends MediaSession>(
  phone: CorePhone<M>,
  options: MachineOptions,
): Promise<void> {
  for await (const call of phone.calls()) void take(call, options);
}

async function take<M extends MediaSession>(call: Call<M>, options: MachineOptions): Promise<void> {
  const { sleep, ringsMs, longestMs, left } = options;
  await sleep(ringsMs);
  try {
    await call.answer();
  } catch {
    // They gave up before.
    return;
  }
  await Promise.race([call.ended, sleep(longestMs)]);
  call.hangUp();
  await call.ended;
  left(call.peer.uri);
}
