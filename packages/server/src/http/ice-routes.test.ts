import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await testStage();
});
afterEach(() => stage.close());

test("who sits at a seat gets servers, at the name by which the page came", async () => {
  const cookie = await stage.sit("anna");
  const ask = (host: string) => stage.ask("GET", "/@anna/api/ice-servers", { cookie, host });
  const answer = await ask("house.example:8080");
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.json()).toEqual({
    iceServers: [{ urls: ["turn:house.example:3478"], username: "anna", credential: "x" }],
    expiresSeconds: 60,
  });
  const six = await ask("[::1]:8080");
  expect(six.json().iceServers[0].urls).toEqual(["turn:::1:3478"]);
});

test("nobody else does", async () => {
  const cookie = await stage.sit("anna");
  const none = await stage.ask("GET", "/@anna/api/ice-servers");
  const other = await stage.ask("GET", "/@ben/api/ice-servers", { cookie });
  expect([none, other].map(codeOf)).toEqual(["SIGNED_OUT", "SIGNED_OUT"]);
});
