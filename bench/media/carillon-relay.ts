/** The engine that comes with the program, in a process of its own with one worker. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Described, Relay, Told } from "./relay.ts";

const CORE = "0";

export async function carillonRelay(): Promise<Relay> {
  const script = fileURLToPath(new URL("carillon-engine.ts", import.meta.url));
  const child = fork(script, [], {
    execPath: "/usr/bin/taskset",
    execArgv: ["-c", CORE, process.execPath],
  });
  await once(child, "message");
  const ask = async (what: unknown): Promise<{ near: Told; far: Told }> => {
    child.send(what as object);
    const [answer] = await once(child, "message");
    if (typeof answer === "string") throw new Error(answer);
    return answer;
  };
  return {
    name: "carillon",
    pid: child.pid ?? 0,
    call: (id: string, near: Described, far: Described) => ask({ id, near, far }),
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}
