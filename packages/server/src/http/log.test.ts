import { expect, test } from "vitest";
import { createLog } from "./log.ts";

function recorded(level = "info") {
  const lines: string[] = [];
  const clock = { now: 0 };
  const log = createLog({ level, now: () => clock.now }, { write: (line) => lines.push(line) });
  return { lines, clock, log };
}

test("secrets are blanked by their names wherever they stand", () => {
  const { lines, log } = recorded();
  log.info({ token: "t0p", request: { cookie: "t0p", headers: { authorization: "t0p" } } }, "x");
  expect(lines.join("")).not.toContain("t0p");
});

test("nobody writes lines of their own into the log", () => {
  const { lines, log } = recorded();
  log.info({ name: 'bob\n{"level":60,"msg":"forged"}\u001b[2J' }, "joined");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toMatch(/[\n\u001b]/);
});

test("a flood is cut off and counted, errors are not", () => {
  const { lines, clock, log } = recorded();
  for (let i = 0; i < 1000; i++) log.info("ding");
  expect(lines).toHaveLength(200);
  log.error("dong");
  expect(lines).toHaveLength(201);
  expect(JSON.parse(lines[200] ?? "")).toMatchObject({ msg: "dong", dropped: 800 });
  clock.now = 1000;
  log.info("ding");
  expect(lines).toHaveLength(202);
  expect(JSON.parse(lines[201] ?? "")).not.toHaveProperty("dropped");
});
