/** Specimens of the machine's states and inputs. */
import { DEFAULT_BACK_OFF } from "../back-off.ts";
import { drawn, type Picture } from "../picture.ts";
import type { Input, State } from "../publisher.ts";
import * as machine from "../publisher.ts";

const publishing = { askedSeconds: 3600, failures: 0, raised: false, next: undefined } as const;

const states: readonly State[] = [
  { name: "Publishing", operation: "Initial", etag: undefined, ...publishing },
  { name: "Publishing", operation: "Refresh", etag: "a", ...publishing },
  { name: "Publishing", operation: "Modify", etag: "a", ...publishing, next: "Modify" },
  { name: "Publishing", operation: "Modify", etag: "a", ...publishing, next: "Remove" },
  { name: "Publishing", operation: "Remove", etag: "a", ...publishing },
  { name: "Published", timerRefresh: 3_000_000, etag: "a", askedSeconds: 3600 },
  {
    ...{ name: "Waiting", timerRetry: 60_000, operation: "Refresh", etag: "a" },
    ...{ askedSeconds: 3600, failures: 1 },
  },
  { name: "Terminated" },
];

const response = (status: number, more: Partial<Input> = {}): Input =>
  ({
    ...{ kind: "Response", status, etag: undefined, expiresSeconds: undefined, random: 0.5 },
    ...{ minExpiresSeconds: undefined, retryAfterSeconds: undefined, ...more },
  }) as Input;

const inputs: readonly (readonly [Input, number])[] = [
  [response(200, { etag: "b", expiresSeconds: 1800 }), 7],
  [response(200), 7],
  [response(403), 7],
  [response(408), 7],
  [response(412), 7],
  [response(423, { minExpiresSeconds: 7200 }), 7],
  [response(503, { retryAfterSeconds: 120 }), 7],
  [{ kind: "Modify" }, 7],
  [{ kind: "Remove" }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 60_000],
  [{ kind: "Tick" }, 3_000_000],
  [{ kind: "Abandon" }, 7],
];

export const publisher = (): Picture =>
  drawn({
    title: "Publication, the side that publishes",
    file: "usage/publisher.ts",
    source: "RFC 3903 §4, §5",
    machine,
    params: { expiresSeconds: 3600, backOff: DEFAULT_BACK_OFF, etag: undefined },
    states,
    inputs,
  });
