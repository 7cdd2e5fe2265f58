/** Specimens of the machine's states and inputs. */
import { drawn, type Picture } from "../picture.ts";
import type { Input, Publish, State } from "../publication-state.ts";
import * as machine from "../publication-state.ts";

const states: readonly State[] = [
  { name: "Empty" },
  { name: "Holding", publications: [{ etag: "a", timerExpires: 3_600_000 }] },
  {
    name: "Holding",
    publications: [
      { etag: "a", timerExpires: 3_600_000 },
      { etag: "x", timerExpires: 60_000 },
    ],
  },
  { name: "Terminated" },
];

const publish = (more: Partial<Publish>): Input => ({
  ...{ kind: "Publish", ifMatch: [], expiresSeconds: 3600, body: "Understood", newEtag: "b" },
  ...more,
});

const inputs: readonly (readonly [Input, number])[] = [
  [publish({}), 7],
  [publish({ expiresSeconds: undefined }), 7],
  [publish({ expiresSeconds: 10 }), 7],
  [publish({ expiresSeconds: 0 }), 7],
  [publish({ body: "None" }), 7],
  [publish({ body: "Strange" }), 7],
  [publish({ ifMatch: ["a"] }), 7],
  [publish({ ifMatch: ["a"], body: "None" }), 7],
  [publish({ ifMatch: ["a"], body: "None", expiresSeconds: 0 }), 7],
  [publish({ ifMatch: ["a"] }), 3_600_000],
  [publish({ ifMatch: ["a", "x"] }), 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 60_000],
  [{ kind: "Tick" }, 3_600_000],
  [{ kind: "Abandon" }, 7],
];

export const publicationState = (): Picture =>
  drawn({
    title: "Publications of one resource, the side that keeps them",
    file: "usage/publication-state.ts",
    source: "RFC 3903 §6",
    machine,
    params: { defaultSeconds: 3600, minSeconds: 60, maxSeconds: 3600, maxPublications: 2 },
    states,
    inputs,
  });
