/**
 * A media worker: a process of its own, started by `EmbeddedEngine` and by nobody else. It ends
 * with its parent, however that ends.
 */
import type { FromWorker, ToWorker } from "./control-message.ts";
import { engineParts } from "./engine-parts.ts";
import { WorkerEngine } from "./worker-engine.ts";

const { send } = process;
if (!send) {
  console.error("This is a part of carillon-media, and is started by its engine.");
  process.exit(2);
}

/** For the last words of calls (DTLS's close, RTCP's goodbye), after which nothing keeps it. */
const LAST_WORDS_MS = 200;

const engine = new WorkerEngine({
  parts: engineParts,
  // A parent that is gone is heard of below.
  tell: (message: FromWorker) => {
    if (process.connected) send.call(process, message, noError);
  },
  onclosed: () => process.disconnect?.(),
});

process.on("message", (message: ToWorker) => engine.take(message));
// No signal of a terminal, which all of its processes get: the parent says when it is over.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
process.once("disconnect", () => {
  engine.close();
  // A native part that does not end must not leave a process behind, and holds nothing of worth.
  setTimeout(() => process.kill(process.pid, "SIGKILL"), LAST_WORDS_MS);
});

function noError(): void {
  // The other end has just closed.
}
