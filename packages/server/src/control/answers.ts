/** What the running server answers to commands at a terminal. */
import type { Answers } from "./control-server.ts";
import type { Status } from "./status.ts";
import type { Tracing } from "./tracing.ts";

export const answers = (parts: {
  readonly tracing: Tracing;
  readonly status: () => Status;
}): Answers =>
  new Map([
    ["status", (say) => say(parts.status())],
    ["trace", (say, closed) => closed(parts.tracing.listen(say))],
  ]);
