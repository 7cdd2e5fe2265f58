/** `carillon options` asks SIPp, with no server of ours between them: over UDP and over TCP. */
import { join } from "node:path";
import { Child } from "./child.ts";
import { demand, type Report } from "./report.ts";

const MAIN = join(import.meta.dirname, "../packages/server/src/main.ts");
const SCENARIO = join(import.meta.dirname, "scenarios/options-callee.xml");
const PORT = 5097;
const END_MS = 10_000;

export async function clientAsks(folder: string, report: Report): Promise<void> {
  for (const [transport, mode] of [
    ["UDP", "u1"],
    ["TCP", "t1"],
  ] as const) {
    await report.check(`carillon options: SIPp answers over ${transport}`, async () => {
      const { code, said } = await asked(join(folder, `options-${mode}`), transport, mode);
      demand(code === 0, `exit code ${code}`);
      demand(said.status === 200, `status ${said.status}`);
      demand(said.remote?.transport === transport, `over ${said.remote?.transport}`);
      return `200 after ${said.roundTripMs} ms`;
    });
  }
}

interface Said {
  readonly status?: number;
  readonly roundTripMs?: number;
  readonly remote?: { readonly transport: string };
}

async function asked(name: string, transport: string, mode: string) {
  const where = ["-i", "127.0.0.1", "-p", `${PORT}`, "-t", mode, "-nostdin"];
  const args = ["-sf", SCENARIO, "-m", "1", ...where];
  const callee = new Child("sipp", args, { log: `${name}-sipp.log` });
  const uri = `sip:bob@127.0.0.1:${PORT};transport=${transport.toLowerCase()}`;
  // A stream is refused until SIPp listens, and it prints nothing that says so.
  const deadline = performance.now() + END_MS;
  for (let nth = 1; ; nth++) {
    const log = `${name}-${nth}.log`;
    const client = new Child(process.execPath, [MAIN, "options", uri, "--json"], { log });
    const code = await client.ended(END_MS);
    if (code !== 0 && performance.now() < deadline) continue;
    const said: Said = code === 0 ? JSON.parse(client.printed) : {};
    const calleeCode = await callee.ended(END_MS);
    demand(calleeCode === 0, `SIPp's exit code ${calleeCode}`);
    return { code, said };
  }
}
