import { mkdirSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlone, runAlone } from "../trial/alone.ts";
import { bridgeCalls } from "./bridge-calls.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { killChildren } from "./child.ts";
import { Report } from "./report.ts";

if (isAlone()) {
  const report = new Report("");
  const own = join(tmpdir(), "round");
  mkdirSync(own, { recursive: true });
  const stage = await BridgeStage.open(own, "bridge", report);
  await bridgeCalls(stage).catch((e) => console.log("THROWN", e));
  await report.check("the house ran without a fault", () => stage.close());
  killChildren();
  process.exit();
} else {
  const folder = await mkdtemp(join(tmpdir(), "carillon-slice-"));
  console.log(folder);
  process.exitCode = await runAlone(import.meta.filename, process.argv.slice(2), folder, 240_000);
}
