import { expect, test } from "vitest";
import { Askers } from "./askers.ts";

test("who asks is written once, until there may be an answer or the disk has failed", async () => {
  const written: string[] = [];
  let fails = false;
  const askers = new Askers(async (owner, who) => {
    written.push(`${who} ${owner}`);
    if (fails) throw new Error("the disk is full");
  });
  for (let i = 0; i < 3; i++) askers.asks("anna", "gran");
  askers.asks("bob", "gran");
  expect(written).toEqual(["gran anna", "gran bob"]);
  askers.forget("anna");
  fails = true;
  askers.asks("anna", "gran");
  await Promise.resolve();
  askers.asks("anna", "gran");
  expect(written.slice(2)).toEqual(["gran anna", "gran anna"]);
});

test("strangers who ask for many, or many who ask for one, fill no memory for good", () => {
  let count = 0;
  const askers = new Askers(async () => void count++);
  for (let i = 0; i < 5000; i++) askers.asks("anna", `p${i}`);
  for (let i = 0; i < 5000; i++) askers.asks(`p${i}`, "gran");
  expect(count).toBe(10_000);
  // Whoever was forgotten meanwhile is only written again.
  askers.asks("anna", "p0");
  expect(count).toBe(10_001);
});
