/** Carillon: the library's proxy and registrar with the program's sockets. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "../../interop/child.ts";
import type { Server, Wanted } from "./server.ts";

const PROGRAM = fileURLToPath(new URL("serve.ts", import.meta.url));
const START_MS = 30_000;

export async function carillon(folder: string, port: number, wanted: Wanted): Promise<Server> {
  const { digest, durable, people, nodeFlags } = wanted;
  const log = join(folder, `carillon-${Date.now()}.log`);
  const args = [`--port=${port}`, `--people=${people}`, `--data=${join(folder, "data")}`];
  const { costMs, limit } = wanted;
  if (costMs) args.push(`--cost=${costMs}`);
  if (limit !== undefined) args.push("--overload");
  const flags = [...(digest ? ["--digest"] : []), ...(durable ? ["--durable"] : [])];
  const child = new Child(
    "taskset",
    [
      "-c",
      "0",
      process.execPath,
      ...(process.env["PROFILE"] ? ["--cpu-prof", `--cpu-prof-dir=${process.env["PROFILE"]}`] : []),
      ...nodeFlags,
      PROGRAM,
      ...args,
      ...flags,
    ],
    { log, cwd: folder },
  );
  await child.prints("listening", START_MS);
  return { name: "carillon", port, child };
}
