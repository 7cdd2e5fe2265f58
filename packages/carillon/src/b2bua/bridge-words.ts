/** What is said of a bridged call: to Carillon's own phones, and to the operator. */
import type { BridgeTold } from "../documents/bridge-told.ts";
import type { Described, SideMedia } from "./media-engine.ts";

const TRANSPORTS = { rtp: "RTP", srtp: "SRTP", webrtc: "DTLS-SRTP" } as const;

/** `opus DTLS-SRTP`, or as much of it as is known. */
export function spoken({ codec, transport }: SideMedia): string {
  const words = TRANSPORTS[transport];
  return codec === undefined ? words : `${codec} ${words}`;
}

/** For the phone at this side. */
export function bridgeTold(why: string, { sides }: Described, tag: string): BridgeTold {
  const here = sides[tag];
  const there = Object.entries(sides).find(([other]) => other !== tag)?.[1];
  const dropped = [here, there].find((one) => one?.video === "dropped");
  const isPassed = here?.video === "passed" && there?.video === "passed";
  return {
    why,
    ...(here && { here: spoken(here) }),
    ...(there && { there: spoken(there) }),
    ...(dropped && { video: "dropped" as const }),
    ...(dropped?.why !== undefined && { videoWhy: dropped.why }),
    ...(!dropped && isPassed && { video: "passed" as const }),
  };
}
