/** A flow in bad weather, and whether it ended as it should. */
import type { Weather } from "../network.ts";
import { type Flow, playFlow } from "./flow.ts";

/** How a flow ended in bad weather. */
export interface StormyEnd {
  /** Plays it again, to the last octet. */
  readonly seed: number;
  /** What was not as it should be; empty is good. */
  readonly failures: readonly string[];
  /** Times that somebody had to try again after a time-out. */
  readonly again: number;
  /** Messages on the wire, those that were lost among them. */
  readonly messages: number;
}

/** Every fifth datagram is lost, every tenth comes twice, and they overtake each other. */
const STORM: Weather = { loss: 0.2, duplication: 0.1, delayMs: 30, jitterMs: 200 };

/**
 * Plays a flow with a fifth of the datagrams lost, a tenth doubled and 30 to 230 ms of delay, and
 * looks for what it left behind. Never rejects.
 */
export async function playInStorm(flow: Flow, seed: number): Promise<StormyEnd> {
  try {
    const { came, stage, sights } = await playFlow(flow, { seed, ...STORM });
    const [expected, actual] = [flow.ends.join("; "), came.join("; ")];
    const ends = expected === actual ? [] : [`came to "${actual}" and not to "${expected}"`];
    const left = (await stage.left()).map((one) => `left: ${one}`);
    const { length: messages } = sights;
    return { seed, failures: [...ends, ...left], again: stage.again, messages };
  } catch (cause) {
    return { seed, failures: [`threw: ${cause}`], again: 0, messages: 0 };
  }
}
