/** A 2xx of a branch that has accepted before, on its way to the caller. RFC 3261 §16.7. */
import type { Passing } from "../endpoint/spent.ts";
import { isStream } from "../transport/flow.ts";
import { forwardResponse } from "./forward.ts";
import type { Listener } from "./received.ts";

const passedBack: Passing = (response, { via }, back) =>
  forwardResponse(response, via, { stream: isStream(back) }) ?? "";

/** How it goes back; `forks` hears of it, if anybody counts them. */
export const passing = (forks: Listener | undefined): Passing => {
  if (!forks) return passedBack;
  return (response, essentials, back) => {
    forks(response.status, { response, essentials });
    return passedBack(response, essentials, back);
  };
};
