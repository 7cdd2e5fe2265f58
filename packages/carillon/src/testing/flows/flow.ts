/** A call flow: a story that is told once in good weather, and a thousand times in bad. */

import type { Admission } from "../../endpoint/overload/admission.ts";
import type { Policy } from "../../roles/policy.ts";
import type { Wake } from "../../roles/wake.ts";
import type { Flow as TransportFlow } from "../../transport/flow.ts";
import { type LadderOptions, ladder } from "../ladder.ts";
import type { NetworkOptions, Sight } from "../network.ts";
import { FlowStage } from "./flow-stage.ts";

/** A call flow as a script: what is told of it, and how it is played. */
export interface Flow {
  /** The heading on the page. */
  readonly title: string;
  /** `RFC 3665 §2.1`; more than one with commas between. */
  readonly source: string;
  /** What happens, for people: a sentence each. */
  readonly words: readonly string[];
  /** In what it is other than the RFC draws it, and why. */
  readonly differs?: readonly string[];
  /** Hosts from left to right, where the usual order does not do. */
  readonly towers?: readonly string[];
  /** Another proxy that the server takes requests from in anybody's name. */
  readonly trusted?: string;
  /** What the server's operator has decided. */
  readonly policy?: Policy;
  /** The server stands between phones that do not understand each other. */
  readonly isBridged?: boolean;
  /** Who wakes phones there that sleep. */
  readonly wake?: () => Wake;
  /** What stands before the server, made anew each time. */
  readonly admission?: () => Admission;
  /** What it comes to for everybody in it, whatever the weather. */
  readonly ends: readonly string[];
  /** Plays it; returns what it came to. */
  readonly play: (stage: FlowStage) => Promise<readonly string[]>;
}

/** What a flow is played with, and its page does not show. */
type Unshown = "play" | "policy" | "isBridged" | "wake" | "admission";

/** A flow, and what came of it this time. */
export interface PlayedFlow extends Omit<Flow, Unshown> {
  /** Where it was played, its clock standing still at the end. */
  readonly stage: FlowStage;
  /** What it came to this time. */
  readonly came: readonly string[];
  /** The messages of the story, without those of its beginning. */
  readonly sights: readonly Sight[];
  /** The same, drawn. */
  ladder(options?: LadderOptions): string;
}

/** For the last answers to arrive. */
const LAST_WORDS_MS = 200;

/**
 * Plays a flow in virtual time, in good weather if nothing else is said. Rejects if the story
 * breaks off.
 */
export async function playFlow(flow: Flow, weather: NetworkOptions = {}): Promise<PlayedFlow> {
  const { play, trusted, policy = {}, isBridged = false, wake, admission, ...told } = flow;
  const trusts = ({ remote }: TransportFlow) => remote.host === trusted;
  const stage = new FlowStage({
    ...{ ...weather, policy, isBridged },
    ...(trusted !== undefined && { trusts }),
    ...(wake && { wake: wake() }),
    ...(admission && { admission: admission() }),
  });
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
