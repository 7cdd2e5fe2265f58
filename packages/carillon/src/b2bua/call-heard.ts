/** How well the two of a call were heard, as its engine measured it. ITU-T G.107. */
import { withAnswer } from "../roles/answer.ts";
import type { CallRated } from "../roles/calls-told.ts";
import type { JoinedCall, Talking } from "./joined-call.ts";
import type { CallStatistics } from "./media-engine.ts";

/** Asked before the engine forgets the call; told now or later, and not where nothing is known. */
export function askHeard(
  { engine, id }: Pick<JoinedCall, "engine" | "id">,
  { caller, device }: Pick<Talking, "caller" | "device">,
  tell: (mos: CallRated["mos"]) => void,
): void {
  const told = (found: CallStatistics | undefined): void => {
    const [from, to] = [caller, device].map(({ tag }) => found?.sides[tag]?.mos);
    if (from === undefined && to === undefined) return;
    tell({
      ...(from !== undefined && { caller: from }),
      ...(to !== undefined && { callee: to }),
    });
  };
  withAnswer(engine.statistics(id), told, () => {});
}
