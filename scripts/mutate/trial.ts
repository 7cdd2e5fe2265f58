/** Runs the tests of many versions in one process, and says of each whether they passed. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BENCH, type Workshop } from "./workshop.ts";

/** `Survived`: no test noticed. `Hung`: the tests did not come to an end, which is noticed, too. */
export type Verdict = "Killed" | "Survived" | "Hung";

/** So long without a word, and somebody hangs. */
const SILENCE_MS = 60_000;

const CONFIG = `export default {
  test: {
    include: ["${BENCH}/*/*.test.ts"],
    // Each version is its own module: nothing has to be kept apart, and workers are slow to start.
    isolate: false,
    maxWorkers: 2,
    setupFiles: ["./setup.mjs"],
    reporters: ["./reporter.mjs"],
    update: "none",
  },
};
`;

/** The same cases each time, no search for a smaller one, and no more tests once one has failed. */
const SETUP = `import fc from "fast-check";
import { beforeEach } from "vitest";
fc.configureGlobal({ seed: 1, endOnFailure: true });
let failed = false;
beforeEach(({ skip, onTestFailed }) => {
  if (failed) skip();
  onTestFailed(() => { failed = true; });
});
`;

const REPORTER = `export default class {
  onTestModuleQueued({ moduleId }) { process.stdout.write("queued " + moduleId + "\\n"); }
  onTestModuleEnd(module) {
    process.stdout.write((module.ok() ? "passed " : "failed ") + module.moduleId + "\\n");
  }
}
`;

export async function tryAll(
  { root }: Workshop,
  names: readonly string[],
): Promise<ReadonlyMap<string, Verdict>> {
  writeFileSync(join(root, "vitest.config.mjs"), CONFIG);
  writeFileSync(join(root, "setup.mjs"), SETUP);
  writeFileSync(join(root, "reporter.mjs"), REPORTER);
  const verdicts = new Map<string, Verdict>();
  let waiting = names;
  while (waiting.length > 0) {
    const { ended, begun } = await batch(root, waiting);
    for (const [name, verdict] of ended) verdicts.set(name, verdict);
    // Two were at work when it fell silent; each is asked again alone.
    for (const name of begun) {
      const { ended } = await batch(root, [name]);
      verdicts.set(name, ended.get(name) ?? "Hung");
    }
    const left = waiting.filter((name) => !verdicts.has(name));
    if (left.length === waiting.length) throw new Error("the tests do not run at all");
    waiting = left;
  }
  return verdicts;
}

interface Batch {
  readonly ended: ReadonlyMap<string, Verdict>;
  /** Those that were begun and did not end. */
  readonly begun: ReadonlySet<string>;
}

async function batch(root: string, names: readonly string[]): Promise<Batch> {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const filters = names.map((name) => `${BENCH}/${name}/`);
  const child = spawn(process.execPath, [vitest, "run", ...filters], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  // A group of its own, so that all of it can be ended, must not outlive whoever stops us.
  const stop = () => end(child);
  process.once("exit", stop);
  const ended = new Map<string, Verdict>();
  const begun = new Map<string, number>();
  let silence = setTimeout(() => end(child), SILENCE_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    const [word = "", path = ""] = line.split(" ");
    const name = path.split("/").at(-2) ?? "";
    if (word === "queued") begun.set(name, (begun.get(name) ?? 0) + 1);
    else if (word === "passed" || word === "failed") {
      const left = (begun.get(name) ?? 1) - 1;
      if (left === 0) begun.delete(name);
      else begun.set(name, left);
      if (word === "failed") ended.set(name, "Killed");
      else if (!ended.has(name)) ended.set(name, "Survived");
    } else continue;
    clearTimeout(silence);
    silence = setTimeout(() => end(child), SILENCE_MS);
  }
  clearTimeout(silence);
  process.off("exit", stop);
  for (const name of begun.keys()) ended.delete(name);
  return { ended, begun: new Set(begun.keys()) };
}

/** With everything that it started. */
function end({ pid, exitCode, signalCode }: ChildProcess): void {
  const isOver = exitCode !== null || signalCode !== null;
  if (pid !== undefined && !isOver) process.kill(-pid, "SIGKILL");
}
