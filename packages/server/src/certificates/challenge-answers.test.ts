import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { CHALLENGE_PATH, ChallengeAnswers } from "./challenge-answers.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

async function listening(secureAt: string | undefined) {
  const answers = new ChallengeAnswers();
  closers.push(() => answers.close());
  const port = await freePort();
  await answers.listen({ host: "127.0.0.1", port, secureAt: () => secureAt });
  const ask = (path: string, method = "GET") =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: "manual" });
  return { answers, ask, port };
}

const challenge = { name: "house.example", token: "abc", value: "abc.thumbprint" };

test("RFC 8555 §8.3: the authority finds the key authorization while it is asked for", async () => {
  const { answers, ask } = await listening("https://house.example:8443");
  expect((await ask(`${CHALLENGE_PATH}abc`)).status).toBe(404);
  await answers.answer(challenge);
  const found = await ask(`${CHALLENGE_PATH}abc`);
  expect([found.status, await found.text()]).toEqual([200, "abc.thumbprint"]);
  expect((await ask(`${CHALLENGE_PATH}abd`)).status).toBe(404);
  await answers.takeBack(challenge);
  expect((await ask(`${CHALLENGE_PATH}abc`)).status).toBe(404);
});

test("everybody else is led to https, and nothing but reading is understood", async () => {
  const { ask } = await listening("https://house.example:8443");
  const led = await ask("/join/abc?x=1");
  expect([led.status, led.headers.get("location")]).toEqual([
    308,
    "https://house.example:8443/join/abc?x=1",
  ]);
  expect((await ask("/", "POST")).status).toBe(405);
  const plain = await listening(undefined);
  expect((await plain.ask("/")).status).toBe(404);
});

test("a port that is another program's is told with a cure", async () => {
  const { port } = await listening(undefined);
  const other = new ChallengeAnswers();
  await expect(
    other.listen({ host: "127.0.0.1", port, secureAt: () => undefined }),
  ).rejects.toMatchObject({
    message: `the authority cannot ask here: Port ${port} (TCP) is already used by another program`,
    cure: expect.stringContaining("certificates.acme.httpPort"),
  });
});
