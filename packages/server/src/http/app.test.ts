import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, json, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await testStage();
});

afterEach(() => stage.close());

test.each([["/api/join"], ["/@anna/api/token"], ["/@anna/api/invites"], ["/@anna/api/leave"]])(
  "POST %s of another page is refused before anything is done",
  async (url) => {
    const cookie = await stage.sit("Anna");
    for (const origin of ["http://evil.example", "http://localhost:3000", "null"]) {
      const response = await stage.ask("POST", url, { cookie, origin, host: "localhost:8080" });
      expect(response.statusCode).toBe(403);
      expect(codeOf(response)).toBe("ORIGIN_REFUSED");
    }
    expect((await stage.ask("GET", "/@anna/api/me", { cookie })).statusCode).toBe(200);
  },
);

test("our own page may ask", async () => {
  const cookie = await stage.sit("Anna");
  const headers = { cookie, origin: "http://localhost:8080", host: "localhost:8080" };
  expect((await stage.ask("POST", "/@anna/api/token", headers)).statusCode).toBe(200);
});

test.each([
  ["text/plain", 415, "NOT_JSON"],
  ["application/x-www-form-urlencoded", 415, "NOT_JSON"],
  ["multipart/form-data; boundary=x", 415, "NOT_JSON"],
  [undefined, 415, "NOT_JSON"],
])(
  "a body of %s is refused, as a form of another site could send it",
  async (type, status, code) => {
    const response = await stage.app.inject({
      method: "POST",
      url: "/api/join",
      headers: type === undefined ? {} : { "content-type": type },
      payload: '{"invite":"x","name":"y"}',
    });
    expect(response.statusCode).toBe(status);
    expect(codeOf(response)).toBe(code);
  },
);

test.each([
  ["broken JSON", "{", 400, "BAD_REQUEST"],
  ["no object", "[]", 400, "BAD_REQUEST"],
  ["nothing", "", 400, "BAD_REQUEST"],
  ["other types", '{"invite":{},"name":1}', 400, "BAD_REQUEST"],
  ["a poisoned prototype", '{"__proto__":{},"invite":"x","name":"y"}', 400, "BAD_REQUEST"],
  ["17 KB", JSON.stringify({ invite: "x", name: "y".repeat(17_000) }), 413, "TOO_LARGE"],
])("a body of %s is refused in words", async (_, payload, status, code) => {
  const response = await stage.app.inject({
    method: "POST",
    url: "/api/join",
    headers: json,
    payload,
  });
  expect(response.statusCode).toBe(status);
  expect(codeOf(response)).toBe(code);
});

test("every answer, good or bad, forbids frames, inline scripts and referrers", async () => {
  for (const url of ["/", "/health", "/nothing", "/assets/index-abc.js", "/@anna/api/me"]) {
    const { headers } = await stage.ask("GET", url);
    const policy = headers["content-security-policy"];
    expect(policy, url).toContain("default-src 'self'");
    expect(policy, url).toContain("frame-ancestors 'none'");
    expect(policy, url).not.toContain("unsafe");
    expect(headers["referrer-policy"], url).toBe("no-referrer");
    expect(headers["x-content-type-options"], url).toBe("nosniff");
    expect(headers["permissions-policy"], url).toContain("camera=(self), microphone=(self)");
    expect(headers["access-control-allow-origin"], url).toBe(undefined);
  }
});

test("the log has no code, name, cookie or token in it", async () => {
  const invite = stage.house.invite();
  await stage.ask("GET", `/join/${invite}`);
  await stage.ask("GET", `/jion/${invite}`);
  await stage.ask("GET", `/api/invites/${invite}?again=${invite}`);
  const cookie = await stage.sit("Anna", invite);
  await stage.ask("POST", "/@anna/api/token", { cookie });
  const log = stage.lines.join("");
  expect(log).toContain('"route":"/api/join"');
  for (const secret of [invite, cookie.slice(9), "token-1"]) expect(log).not.toContain(secret);
});

test("a fault of ours is told without its details", async () => {
  const cookie = await stage.sit("Anna");
  stage.feed.people = () => {
    throw new Error("secret detail");
  };
  const response = await stage.ask("GET", "/@anna/api/people", { cookie });
  expect(response.statusCode).toBe(500);
  expect(codeOf(response)).toBe("FAULT");
  expect(response.body).not.toContain("secret detail");
  expect(stage.lines.join("")).toContain("secret detail");
});

test("a POST without any body has to be JSON too", async () => {
  const cookie = await stage.sit("Anna");
  const post = { method: "POST", url: "/@anna/api/token", headers: { cookie } } as const;
  expect(codeOf(await stage.app.inject(post))).toBe("NOT_JSON");
});

test("who trickles headers or asks nothing is hung up on", { timeout: 20_000 }, async () => {
  const at = await stage.port();
  const [trickling, silent] = [connect(at, "127.0.0.1"), connect(at, "127.0.0.1")];
  trickling.write("GET /health HTTP/1.1\r\nHost: x\r\n");
  const drip = setInterval(() => trickling.write("X: y\r\n"), 200);
  const seconds = await Promise.all([trickling, silent].map(secondsUntilClosed));
  clearInterval(drip);
  expect(Math.max(...seconds)).toBeLessThan(8);
});

async function secondsUntilClosed(socket: Socket): Promise<number> {
  const before = performance.now();
  socket.on("error", () => {}).resume();
  await new Promise<void>((resolve) => socket.on("close", () => resolve()));
  return (performance.now() - before) / 1000;
}
