import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { EmbeddedEngine } from "./embedded-engine.ts";

const ENGINE = JSON.stringify(new URL("./embedded-engine.ts", import.meta.url).href);
/** A program with two workers that says which they are, and then ends as it is told to. */
const program = (end: string): string => `
  import { EmbeddedEngine } from ${ENGINE};
  const engine = new EmbeddedEngine({ workers: 2, ports: { from: 42_000, to: 42_099 } });
  const both = setInterval(() => {
    const pids = engine.workers.map(({ pid }) => pid);
    if (pids.includes(undefined)) return;
    clearInterval(both);
    console.log(JSON.stringify(pids));
  }, 10);
  process.stdin.once("data", () => { ${end} });`;

async function until(what: () => unknown): Promise<void> {
  for (let nth = 0; nth < 6000; nth++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came: ${what}`);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ENDS: readonly (readonly [how: string, code: string, signal: NodeJS.Signals | undefined])[] =
  [
    ["is killed", "", "SIGKILL"],
    ["exits", "process.exit(3)", undefined],
    ["throws", "throw new Error('as planned')", undefined],
    ["closes its engine", "await engine.close(); process.stdin.destroy()", undefined],
    ["is interrupted at a terminal, as its workers are", "", "SIGINT"],
  ];

test.each(ENDS)("no worker is left where the program %s", async (_, code, signal) => {
  const end = code.startsWith("await") ? `void (async () => { ${code} })()` : code;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program(end)], {
    ...{ stdio: ["pipe", "pipe", "ignore"], detached: true },
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const pids = JSON.parse(line) as number[];
  expect(pids.every(lives)).toBe(true);
  if (signal === "SIGINT") process.kill(-(child.pid ?? 0), signal);
  else if (signal) child.kill(signal);
  else child.stdin.write("\n");
  await once(child, "exit");
  await until(() => !pids.some(lives));
});

test("a worker that hangs is ended, and another one takes its place", async () => {
  const notes: string[] = [];
  const engine = new EmbeddedEngine({
    ...{ workers: 1, ports: { from: 42_100, to: 42_199 } },
    ...{ pingMs: 100, hungMs: 5000, startingMs: 5000 },
    onnote: (words) => notes.push(words),
  });
  const pid = engine.workers[0]?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  await until(() => engine.workers[0]?.pid !== pid);
  expect(notes).toEqual(["media worker media-1: it was ended by SIGKILL, with 0 calls"]);
  await engine.close();
});

test("a worker that dies again and again is started after pauses that grow", async () => {
  const died: number[] = [];
  const engine = new EmbeddedEngine({
    ...{ workers: 1, ports: { from: 42_200, to: 42_299 }, restartMs: 100 },
    onnote: () => died.push(performance.now()),
  });
  const began: number[] = [];
  for (let nth = 0; nth < 5; nth++) {
    await until(() => engine.workers[0]?.pid !== undefined);
    began.push(performance.now());
    process.kill(engine.workers[0]?.pid ?? 0, "SIGKILL");
    await until(() => died.length > nth);
  }
  const pauses = began.slice(1).map((at, nth) => at - (died[nth] ?? 0));
  // At once, and then 100, 200 and 400 ms later at least.
  expect(pauses.map((ms, nth) => nth === 0 || ms >= 100 * 2 ** (nth - 1) - 20)).toEqual([
    ...[true, true, true, true],
  ]);
  await engine.close();
});
