/** A call flow: a story that is told once in good weather, and a thousand times in bad. */

import type { Policy } from "../../roles/policy.ts";
import type { Flow as TransportFlow } from "../../transport/flow.ts";
import { type LadderOptions, ladder } from "../ladder.ts";
import type { NetworkOptions, Sight } from "../network.ts";
import { FlowStage } from "./flow-stage.ts";

export interface Flow {
  readonly title: string;
  /** `RFC 3665 §2.1`; more than one with commas between. */
  readonly source: string;
  /** What happens, for people: a sentence each. */
  readonly words: readonly string[];
  /** Hosts from left to right, where the usual order does not do. */
  readonly towers?: readonly string[];
  /** Another proxy that the server takes requests from in anybody's name. */
  readonly trusted?: string;
  /** What the server's operator has decided. */
  readonly policy?: Policy;
  /** What it comes to for everybody in it, whatever the weather. */
  readonly ends: readonly string[];
  /** Plays it; returns what it came to. */
  readonly play: (stage: FlowStage) => Promise<readonly string[]>;
}

export interface PlayedFlow extends Omit<Flow, "play" | "policy"> {
  readonly stage: FlowStage;
  /** What it came to this time. */
  readonly came: readonly string[];
  readonly sights: readonly Sight[];
  ladder(options?: LadderOptions): string;
}

/** For the last answers to arrive. */
const LAST_WORDS_MS = 200;

export async function playFlow(flow: Flow, weather: NetworkOptions = {}): Promise<PlayedFlow> {
  const { play, trusted, policy = {}, ...told } = flow;
  const trusts = ({ remote }: TransportFlow) => remote.host === trusted;
  const stage = new FlowStage({ ...weather, policy, ...(trusted !== undefined && { trusts }) });
  const came = await play(stage);
  await stage.network.run(LAST_WORDS_MS);
  const sights = stage.network.sights.slice(stage.curtain);
  return {
    ...told,
    ...{ stage, came, sights },
    ladder: (options) => ladder(sights, flow.towers ?? towers(sights), options),
  };
}

/** Alice, or whoever speaks first, at the left; the server between her and the others. */
function towers(sights: readonly Sight[]): readonly string[] {
  const busy = [...new Set(sights.flatMap(({ from, to }) => [from, to]))];
  const people = busy.filter((name) => name !== "server");
  const [first = "", ...others] = people;
  return busy.includes("server") ? [first, "server", ...others] : people;
}
