/** What the running server answers to commands at a terminal. */

import type { Connector } from "./connector.ts";
import type { Answers } from "./control-server.ts";
import type { Recorder } from "./recorder.ts";
import type { Status } from "./status.ts";
import type { Tracing } from "./tracing.ts";

export const answers = (parts: {
  readonly tracing: Tracing;
  readonly status: () => Status;
  readonly connect: Connector;
  readonly recorder: Recorder;
}): Answers =>
  new Map([
    ["calls", (say) => say({ calls: parts.recorder.calls() })],
    ["connect", (say, closed, asked) => closed(parts.connect(asked, say))],
    ["record", (say, _, asked) => parts.recorder.record(asked, say)],
    ["status", (say) => say(parts.status())],
    ["trace", (say, closed) => closed(parts.tracing.listen(say))],
  ]);
