import { afterEach, beforeEach, expect, test } from "vitest";
import { BROTLI, codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await testStage();
});

afterEach(() => stage.close());

test.each(["/", "/join/CODE", "/@anna/"])("%s is the page, never from a cache", async (url) => {
  const response = await stage.ask("GET", url);
  expect(response.statusCode).toBe(200);
  expect(response.headers["content-type"]).toContain("text/html");
  expect(response.headers["cache-control"]).toBe("no-store");
  expect(response.body).toContain("<title>Carillon");
});

test("hashed files are kept for a year, a missing one is not the page", async () => {
  const response = await stage.ask("GET", "/assets/index-abc.js");
  expect(response.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(response.headers["content-type"]).toContain("javascript");
  const missing = await stage.ask("GET", "/assets/index-old.js");
  expect(missing.statusCode).toBe(404);
  expect(missing.headers["cache-control"] ?? "").not.toContain("immutable");
  expect((await stage.ask("GET", "/icon.svg")).statusCode).toBe(200);
});

test.each([
  "/assets/../carillon.sqlite",
  "/assets/%2e%2e/%2e%2e/carillon.sqlite",
  "/assets/..%2f..%2fcarillon.sqlite",
  "/..%5ccarillon.sqlite",
  "/carillon.sqlite",
])("%s leads out of nothing", async (url) => {
  expect([400, 403, 404]).toContain((await stage.ask("GET", url)).statusCode);
});

test("a seat without its slash is sent to the one the cookie goes to", async () => {
  const response = await stage.ask("GET", "/@anna");
  expect(response.statusCode).toBe(308);
  expect(response.headers["location"]).toBe("/@anna/");
  const odd = await stage.ask("GET", "/@%2f%2fevil.example");
  expect(odd.headers["location"] ?? "/@").toMatch(/^\/@/);
});

test("what was built is sent compressed to whoever takes that, and plain to others", async () => {
  const file = "/assets/index-abc.js";
  const small = await stage.ask("GET", file, { "accept-encoding": "gzip, br" });
  expect([small.headers["content-encoding"], small.body]).toEqual(["br", BROTLI]);
  expect(small.headers["content-type"]).toContain("javascript");
  expect(small.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(small.headers["vary"]?.toString().toLowerCase()).toContain("accept-encoding");
  const plain = await stage.ask("GET", file);
  expect([plain.headers["content-encoding"], plain.body]).toEqual([undefined, "let bell;"]);
});

test("at an address that is none the page says so, and a program is told as ever", async () => {
  const visit = { accept: "text/html,application/xhtml+xml" };
  const lost = await stage.ask("GET", "/no/such/place", visit);
  expect(lost.statusCode).toBe(404);
  expect(lost.body).toContain("<title>Carillon");
  expect(lost.headers["cache-control"]).toBe("no-store");
  expect(lost.headers["content-security-policy"]).toContain("default-src 'self'");
  for (const [url, headers] of [
    ["/no/such/place", {}],
    ["/api/nothing", visit],
    ["/@anna/api/nothing", visit],
  ] as const) {
    const told = await stage.ask("GET", url, headers);
    expect([told.statusCode, codeOf(told)]).toEqual([404, "NOT_FOUND"]);
  }
});
